"""Dialogs as coroutines: opened without a nested loop, their answer is awaited."""

import asyncio

from PySide6.QtWidgets import QDialog


async def ask(dialog: QDialog) -> bool:
    """Shows a dialog over its window and waits for the answer; cancelling the task closes it.

    Returns:
        Whether the person accepted.
    """
    answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def on_finished(result: int) -> None:
        if not answer.done():
            answer.set_result(result)

    dialog.finished.connect(on_finished)
    dialog.open()
    try:
        return await answer == QDialog.DialogCode.Accepted
    finally:
        dialog.finished.disconnect(on_finished)
        dialog.close()

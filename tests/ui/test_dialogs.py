"""A dialog is awaited without a nested loop, and closes with the task that asked."""

import asyncio

import pytest
from PySide6.QtWidgets import QDialog

from ui.dialogs import ask


@pytest.mark.parametrize("accept", [True, False])
def test_the_answer_comes_back(run, qtbot, accept: bool) -> None:
    dialog = QDialog()
    qtbot.addWidget(dialog)

    async def answer() -> bool:
        asking = asyncio.ensure_future(ask(dialog))
        await asyncio.sleep(0)
        (dialog.accept if accept else dialog.reject)()
        return await asking

    assert run(answer()) is accept


def test_a_cancelled_question_leaves_no_dialog_behind(run, qtbot) -> None:
    dialog = QDialog()
    qtbot.addWidget(dialog)

    async def give_up() -> None:
        asking = asyncio.ensure_future(ask(dialog))
        await asyncio.sleep(0)
        assert dialog.isVisible()
        asking.cancel()
        await asyncio.wait({asking})

    run(give_up())
    assert not dialog.isVisible()

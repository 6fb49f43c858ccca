"""Practice mode leaves nothing behind, whenever the window is closed."""

import asyncio
import threading
from pathlib import Path

import pytest

from ui.__main__ import make_parser, options_of
from ui.practice import Practice


class World:
    def __init__(self) -> None:
        self.stopped = False

    def stop(self) -> None:
        self.stopped = True


def test_a_start_that_is_given_up_takes_down_what_it_still_makes(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Servers would go on for as long as the program, their folder for ever."""
    reached, go_on, made = threading.Event(), threading.Event(), []
    folder = tmp_path / "practice"
    folder.mkdir()

    def slow_start(*, faulty: bool) -> Practice:
        reached.set()
        go_on.wait(5)
        made.append(Practice(World(), folder))
        return made[0]

    monkeypatch.setattr(Practice, "_start", slow_start)

    async def give_up() -> bool:
        starting = asyncio.ensure_future(Practice.start())
        await asyncio.to_thread(reached.wait, 5)
        starting.cancel()
        await asyncio.sleep(0)
        go_on.set()
        await asyncio.wait({starting})
        return starting.cancelled()

    assert run(give_up())
    assert made[0].world.stopped
    assert not folder.exists()


def test_a_start_that_is_given_up_and_fails_is_only_given_up(run, monkeypatch: pytest.MonkeyPatch) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def fail(*, faulty: bool) -> Practice:
        reached.set()
        go_on.wait(5)
        raise OSError

    monkeypatch.setattr(Practice, "_start", fail)

    async def give_up() -> bool:
        starting = asyncio.ensure_future(Practice.start())
        await asyncio.to_thread(reached.wait, 5)
        starting.cancel()
        await asyncio.sleep(0)
        go_on.set()
        await asyncio.wait({starting})
        return starting.cancelled()

    assert run(give_up())


def test_the_building_with_faults_is_on_the_bus_where_it_is_asked_for(run) -> None:
    async def numbers() -> set[str]:
        practice = await Practice.start(faulty=True)
        try:
            # The switches of the bus name the documented meter, which is in either building.
            practice.fault_board().switch("twins", on=True)
            return {meter.address.identification for meter in practice.world.bus_server.building.meters}
        finally:
            await practice.stop()

    assert {"71204901", "94158192"} <= run(numbers())


@pytest.mark.parametrize(
    ("words", "practice", "faults"),
    [
        ([], False, False),
        (["--practice"], True, False),
        (["--practice", "--faults"], True, True),
        (["--faults"], True, True),
    ],
)
def test_the_words_that_begin_practice(words: list[str], practice: bool, faults: bool) -> None:
    options = options_of(make_parser().parse_args(words))
    assert (options.practice, options.faults) == (practice, faults)

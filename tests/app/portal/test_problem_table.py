"""The table status x request, row by row; ``python -m tests.app.portal.test_problem_table`` prints it."""

from collections.abc import Iterator

import pytest

from app.domain.delivery_state import DeliveryState
from app.portal.contract import Problem
from app.portal.errors import Asked, PortalError
from app.portal.problems import TABLE, ErrorAnswer, error_of

STATUSES = sorted({status for row in TABLE for status in row.statuses} | {500, 502, 503, 504})
ANSWERS = (
    *((status, "", False) for status in STATUSES),
    (503, "30", False),
    (403, "", True),
)
"""Status, ``Retry-After``, and whether a web page came."""


def error_for(status: int, retry_after: str, asked: Asked, *, page: bool) -> PortalError:
    problem = Problem(detail="the portal's words")
    answer = ErrorAnswer("portal.example", status, problem, retry_after=retry_after, is_page=page)
    return error_of(answer, asked)


@pytest.mark.parametrize("asked", Asked, ids=lambda asked: asked.value)
@pytest.mark.parametrize(("status", "retry_after", "page"), ANSWERS)
def test_every_status_of_every_request_has_a_state_a_sentence_and_a_next_step(
    status: int, retry_after: str, asked: Asked, *, page: bool
) -> None:
    error = error_for(status, retry_after, asked, page=page)
    assert str(error.message)
    assert str(error.next_step)
    assert error.asked is asked
    # What passes goes by itself; what does not, waits for somebody.
    assert not error.passes or error.state is DeliveryState.QUEUED
    if error.state is DeliveryState.QUEUED:
        assert error.passes or error.stops_account


def again(error: PortalError) -> str:
    """Whether it is tried again, in a few words."""
    if error.stops_account:
        return "no: after the next sign-in"
    if not error.passes:
        return "no"
    if error.concerns_account:
        return "yes, all uploads wait"
    return "yes, this upload; the person after 5 equal ones"


def lines() -> Iterator[str]:
    """The table in Markdown: one line for the statuses and requests that mean the same."""
    yield "| status | request | state of the upload | sentence | next step | tried again |"
    yield "| --- | --- | --- | --- | --- | --- |"
    groups: dict[tuple[str, ...], tuple[list[str], list[str]]] = {}
    for asked in Asked:
        meanings: dict[tuple[str, ...], list[str]] = {}
        for status, retry_after, page in ANSWERS:
            error = error_for(status, retry_after, asked, page=page)
            state = DeliveryState.QUEUED if error.stops_account else error.state
            sentence = str(error.message).replace(f"HTTP {status}", "HTTP n")
            key = (state.value, sentence, str(error.next_step), again(error))
            word = f"{status}" + (" + Retry-After" if retry_after else "") + (" (a web page)" if page else "")
            meanings.setdefault(key, []).append(word)
        for key, words in meanings.items():
            groups.setdefault((*key, ", ".join(shortened(words))), ([], []))[0].append(asked.value)
    for (state, sentence, step, tried, statuses), (requests, _) in groups.items():
        yield f"| {statuses} | {', '.join(requests)} | {state} | {sentence} | {step} | {tried} |"


def shortened(words: list[str]) -> list[str]:
    """Long runs of statuses as ranges."""
    numbers = [int(word) for word in words if word.isdigit()]
    found: list[str] = []
    while numbers:
        run = [numbers.pop(0)]
        while numbers and numbers[0] == run[-1] + 1:
            run.append(numbers.pop(0))
        found += [f"{run[0]}-{run[-1]}"] if len(run) > 2 else [str(each) for each in run]
    return found + [word for word in words if not word.isdigit()]


def test_the_table_is_printed_with_every_request() -> None:
    table = "\n".join(lines())
    for asked in Asked:
        assert asked.value in table


if __name__ == "__main__":
    print("\n".join(lines()))  # noqa: T201

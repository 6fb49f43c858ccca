"""``mbus-tool diagnose``: says what is wrong with a bus."""

import argparse
import asyncio
import sys

from app.bus.diagnose import BusReport
from app.bus.errors import BusError, Diagnosis
from app.commands.line_arguments import add_line_arguments
from app.commands.line_work import line_of
from app.commands.outcome import ExitCode, print_json, report_error
from app.domain.errors import DomainError
from app.domain.meter import SerialNumber
from app.message import Message
from app.services.jobs.diagnose import DiagnoseJob


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the port, and the meter that is missed."""
    add_line_arguments(parser)
    parser.add_argument(
        "--serial", "--address", metavar="NUMBER", help="the meter that does not answer, as for read"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Examines the bus; exit code 0 only when it works."""
    try:
        serial = SerialNumber.parse(arguments.serial) if arguments.serial else None
        report = asyncio.run(_examine(arguments, serial))
    except (DomainError, BusError) as error:
        return report_error(error, as_json=arguments.json)
    _show(report, as_json=arguments.json)
    if report.diagnosis is Diagnosis.HEALTHY:
        return ExitCode.OK
    return ExitCode.PORT if report.diagnosis is Diagnosis.PORT_LOST else ExitCode.METER


async def _examine(arguments: argparse.Namespace, serial: SerialNumber | None) -> BusReport:
    async with line_of(arguments) as (tasks, line):
        job = DiagnoseJob(tasks, line, lambda: serial.secondary_address if serial else None)
        job.stepped.subscribe(_tell)
        job.start()
        return await job.found_out()


def _tell(step: Message) -> None:
    if sys.stderr.isatty():
        print(f"{step} ...", file=sys.stderr)  # noqa: T201


def _show(report: BusReport, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "diagnosis": report.diagnosis.value,
                "message": str(report.message),
                "next_step": "" if report.advice is None else str(report.advice),
                "remarks": [str(remark) for remark in report.remarks],
                "echo": report.echo,
                "baud": report.baud,
                "raw": report.raw.hex().upper(),
            }
        )
        return
    for words in (report.message, report.advice, *report.remarks):
        if words is not None:
            print(str(words))  # noqa: T201

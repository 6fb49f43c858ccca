"""The practice bus: simulated meters behind a TCP port, at the pace of a real line."""

from random import Random

from app.practice.building import Building
from app.practice.faults import NO_FAULTS, Faults
from app.practice.line_server import LineServer
from app.practice.meters import MeterLink
from app.practice.wire import Wire


class PracticeBus(LineServer):
    """Serves a building to any number of masters, each with its own line and its own selections.

    Every byte leaves at its place on the wire (11 bits at the line's rate, after the meter's response delay),
    by an absolute schedule, so that what is measured on this bus means something.

    Args:
        building: the meters; changes of their settings last.
        baud: the rate of the bus, in Bd.
        faults: what is wrong at the start; assign :attr:`faults` to switch while it runs.
        seed: decides what is lost and disturbed.
    """

    def __init__(
        self, building: Building, *, baud: int = 2400, faults: Faults = NO_FAULTS, seed: int = 0
    ) -> None:
        super().__init__(baud, faults)
        self.building = building
        self._random = Random(seed)  # noqa: S311 - faults on a practice bus are no secret

    def make_wire(self) -> Wire:
        """The line for one more master."""
        links = [MeterLink(meter) for meter in self.building.meters]
        random = Random(self._random.random())  # noqa: S311 - as above
        return Wire(links, self.baud, lambda: self.faults, random)

"""What is known of each portal account while the program runs: its client, and when it may be asked again."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.message import Message
from app.portal.client import PortalApi
from app.portal.contract import ListedMeter
from app.portal.credentials import Account
from app.portal.errors import MOST_EQUAL_FAULTS, PortalBusy, PortalError, PortalUnreachable

PortalFactory = Callable[[Account], PortalApi]

FIRST_DELAY_S: Final = 4.0
LONGEST_DELAY_S: Final = 600.0
_LIST_IS_FRESH_S: Final = 60.0


@dataclass(slots=True)
class Lane:
    """One account.

    Attributes:
        api: its client.
        not_before: on the clock's monotonic scale.
        failures: in a row, that held all its uploads.
        problem: why nothing of it goes now; None when nothing is in its way.
        stopped: nothing of it goes before the person did something.
        needs_login: the person has to sign in.
        away: nobody answered: the network's return is worth a try at once.
        fault: the fault that its login met last, and how often in a row.
    """

    api: PortalApi
    not_before: float = 0.0
    failures: int = 0
    problem: Message | None = None
    stopped: bool = False
    needs_login: bool = False
    away: bool = False
    fault: str = ""
    fault_count: int = 0

    def clear(self) -> None:
        """All is well, or shall be tried as if it were."""
        self.not_before, self.failures, self.problem = 0.0, 0, None
        self.stopped = self.needs_login = self.away = False
        self.fault, self.fault_count = "", 0


class Lanes:
    """The accounts.

    Args:
        portal_for: makes the portal's client of an account; called once an account.
        monotonic: the clock.
        chance: a number from 0 to 1, for the jitter.
    """

    def __init__(
        self,
        portal_for: PortalFactory,
        monotonic: Callable[[], float],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.portal_for = portal_for
        self.chance = chance
        self._monotonic = monotonic
        self._lanes: dict[Account, Lane] = {}
        self._lists: dict[tuple[Account, str], tuple[float, tuple[ListedMeter, ...]]] = {}

    def known(self, account: Account) -> Lane | None:
        """An account's lane, if anything was asked by it yet."""
        return self._lanes.get(account)

    def of(self, account: Account) -> Lane:
        """An account's lane.

        Raises:
            PortalAddressError: its address is none that a password may be sent to.
        """
        if account not in self._lanes:
            self._lanes[account] = Lane(self.portal_for(account))
        return self._lanes[account]

    async def listed(self, account: Account, site_id: str, *, fresh: bool) -> tuple[ListedMeter, ...]:
        """A site's meters: forty uploads in a row ask for them once, unless they must be ``fresh``."""
        known = self._lists.get((account, site_id))
        if fresh or known is None or self._monotonic() - known[0] > _LIST_IS_FRESH_S:
            meters = await self.of(account).api.meters(site_id)
            known = self._lists[account, site_id] = (self._monotonic(), meters)
        return known[1]

    def hold(self, account: Account, error: PortalError) -> float:
        """Takes an error that concerns the whole account; returns for how many seconds nothing of it goes."""
        lane = self.of(account)
        lane.failures += 1
        lane.problem = error.message
        lane.away = isinstance(error, PortalUnreachable) or error.in_between
        lane.needs_login = error.stops_account
        spelling = spelling_of(error)
        lane.fault_count = lane.fault_count + 1 if spelling == lane.fault else 1
        lane.fault = spelling
        # An answer that means nothing, met by the login again and again, is for the person, not for ever.
        senseless = not lane.away and not isinstance(error, PortalBusy)
        lane.stopped = error.stops_account or (senseless and lane.fault_count >= MOST_EQUAL_FAULTS)
        delay_s = self.delay_s(lane.failures, error)
        lane.not_before = self._monotonic() + delay_s
        return delay_s

    def delay_s(self, failures: int, error: PortalError) -> float:
        """Doubles with every failure; the jitter keeps many laptops from coming back at once."""
        longest = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2.0 ** min(failures - 1, 20))
        delay_s = longest * (0.5 + 0.5 * self.chance())
        return max(delay_s, error.retry_after_s) if isinstance(error, PortalBusy) else delay_s

    def clear(self) -> None:
        """Everything is tried as if nothing had ever gone wrong: the person's wish."""
        for lane in self._lanes.values():
            lane.clear()
        self._lists.clear()

    def nudge(self) -> bool:
        """What nobody answered to is tried at once; says whether there was any.

        What a portal asked to wait for stays as it is.
        """
        waiting = [lane for lane in self._lanes.values() if lane.away and not lane.stopped]
        for lane in waiting:
            lane.clear()
        return bool(waiting)

    async def close(self) -> None:
        """Closes the connections to every portal."""
        lanes, self._lanes = self._lanes, {}
        self._lists.clear()
        for lane in lanes.values():
            await lane.api.close()


def spelling_of(error: PortalError) -> str:
    """An error in one spelling: two that are equal in it are the same answer once more."""
    return f"{type(error).__name__}: {error.message}"[:500]

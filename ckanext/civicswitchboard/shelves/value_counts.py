"""How common values are among the public datasets, counted now and then and kept in Redis.

Counting reads every public dataset once. How long a count is kept follows from how long it
took, so that counting never takes more than a thousandth of the time.
"""
from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence

from ckan import model
from redis.exceptions import RedisError

from ckanext.civicswitchboard import config, connections
from ckanext.civicswitchboard.core.related import reasons
from ckanext.civicswitchboard.core.related.reasons import ANYWHERE, Common, Facts, Key
from ckanext.civicswitchboard.core.related.text import fold, words, words_once
from ckanext.civicswitchboard.shelves import facts

log = logging.getLogger(__name__)

TOTAL = "total"
LEAST_SECONDS = 5
SECONDS_PER_SECOND = 1000
BATCH = 5000


def common_for(of: Sequence[Facts]) -> Common:
    """How common all is that these records hold."""
    wanted = {key for word in of for key in reasons.keys(word)}
    wanted |= {(ANYWHERE, word) for value in of for word in words_once(value.notes)}
    total, counts = _counts(sorted(wanted))
    return Common(total, counts, stopped())


def stopped() -> frozenset[str]:
    """What the configuration says is never a reason."""
    region = config.shelf_region_names()
    parts = {word for name in region for word in words(name)}
    return frozenset({fold(text) for text in [*config.shelf_stop_list(), *region]} | parts)


def forget() -> None:
    """Have the next page count anew."""
    connections.redis().delete(_name("counts"), _name("fresh"))


def _counts(wanted: list[Key]) -> tuple[int, Mapping[Key, int]]:
    try:
        kept = _kept(wanted)
    except RedisError as error:
        log.warning("Redis does not answer, values are counted for each page: %s", error)
        return _counted()
    return kept or _count_anew()


def _kept(wanted: list[Key]) -> tuple[int, Mapping[Key, int]] | None:
    """What was counted before, None where it has to be counted anew."""
    pipe = connections.redis().pipeline(transaction=False)
    pipe.set(_name("fresh"), 1, nx=True, ex=config.shelf_count_seconds())
    pipe.hmget(_name("counts"), [TOTAL, *map(_field, wanted)])
    too_old, stored = pipe.execute()
    # Whoever finds the count too old counts anew; all others go on with the old one.
    if too_old or stored[0] is None:
        return None
    counts = {key: int(number) for key, number in zip(wanted, stored[1:]) if number}
    return int(stored[0]), counts


def _count_anew() -> tuple[int, Mapping[Key, int]]:
    began = time.monotonic()
    total, counts = _counted()
    try:
        _keep(total, counts, time.monotonic() - began)
    except RedisError as error:
        log.warning("Redis does not answer, what was counted is not kept: %s", error)
    return total, counts


def _keep(total: int, counts: Mapping[Key, int], took: float) -> None:
    new = _name("counting")
    pipe = connections.redis().pipeline()
    pipe.delete(new)
    # What one dataset alone holds is as rare as what none holds.
    several = {_field(key): number for key, number in counts.items() if number > 1}
    items = list({**several, TOTAL: total}.items())
    for start in range(0, len(items), BATCH):
        pipe.hset(new, mapping=dict(items[start : start + BATCH]))
    pipe.rename(new, _name("counts"))
    seconds = took * SECONDS_PER_SECOND
    most = config.shelf_count_seconds()
    pipe.set(_name("fresh"), 1, ex=max(1, min(most, max(LEAST_SECONDS, round(seconds)))))
    pipe.execute()


def _counted() -> tuple[int, Mapping[Key, int]]:
    # In a savepoint, so that a failure leaves the request's transaction alone.
    with model.Session.begin_nested():
        return reasons.count(facts.of_public_datasets())


def _field(key: Key) -> str:
    return "\t".join(key)


def _name(part: str) -> str:
    return f"civicswitchboard:{config.site_id()}:shelves:{part}"

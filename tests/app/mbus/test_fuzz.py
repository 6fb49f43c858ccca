"""A short run of the long fuzz script: a telegram or our own error, never anything else."""

import gc
import tracemalloc
from random import Random

import pytest

from app.mbus.data_records import CACHES
from app.mbus.record_header import CACHE_MAX
from app.mbus.response import decode
from tests.benchmarks.codec_fuzz import check, check_stream, make


@pytest.mark.parametrize("seed", range(4))
def test_random_and_mutated_bytes_give_a_telegram_or_our_own_error(seed):
    random = Random(seed)
    for _ in range(1000):
        raw = make(random)
        check(raw)
        check_stream(raw)


def test_nothing_is_kept_of_what_was_decoded_but_the_heads_met():
    random = Random(5)
    inputs = [make(random) for _ in range(500)]
    for raw in inputs:
        decode(raw)
    tracemalloc.start()
    try:
        for raw in inputs:
            decode(raw)
        gc.collect()
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 20_000
    assert all(len(headers) <= CACHE_MAX for headers in CACHES.values())

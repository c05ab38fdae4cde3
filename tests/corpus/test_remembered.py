"""What is kept in memory is right, bounded, and may be shared."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from factdesk.corpus.remembered import Remembered


def test_the_last_used_values_stay_and_the_others_go() -> None:
    kept = Remembered[int, str](3)
    for number in range(6):
        kept.put(number, str(number))
        assert kept.get(0) == "0"  # used again and again, so it never goes
    assert [number for number in range(6) if kept.get(number) is not None][-1] == 5
    assert kept.get(1) is None


def test_never_more_than_twice_the_limit_is_kept() -> None:
    kept = Remembered[int, int](10)
    for number in range(1000):
        kept.put(number, number)
    held = [number for number in range(1000) if kept.get(number) is not None]
    assert held == list(range(1000 - len(held), 1000))
    assert 10 <= len(held) <= 20


def test_threads_that_share_it_get_the_value_of_their_key_or_none() -> None:
    kept = Remembered[int, tuple[int, int]](16)

    def use(seed: int) -> set[bool]:
        found = set()
        for step in range(2000):
            key = (seed * 31 + step * 7) % 64
            kept.put(key, (key, key * key))
            found.add(kept.get(key % 61) in (None, (key % 61, (key % 61) ** 2)))
        return found

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(use, range(8))) == [{True}] * 8

"""Vectors: exact where few, in lists where many, and never loaded as something they are not."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import faiss as typed_faiss
import numpy as np
import numpy.typing as npt
import pytest

from factdesk.corpus.errors import HomeNotWritable, IndexDamaged
from factdesk.corpus.records import Vectors
from factdesk.index import vectors as module
from factdesk.index.vectors import FLAT, IVF, PassageVectors, UnitVectors, write_passages, write_units

faiss: Any = typed_faiss
AXES: Vectors = np.eye(4, dtype=np.float32)


def random_units(count: int, dimension: int, seed: int = 1) -> Vectors:
    made = np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)
    unit: Vectors = made / np.linalg.norm(made, axis=1, keepdims=True)
    return unit


def stored(path: Path, vectors: Vectors, **options: int) -> PassageVectors:
    kind = write_passages(path, vectors, **options)
    return PassageVectors(path, kind=kind, dimension=vectors.shape[1], count=vectors.shape[0])


def test_the_nearest_comes_first_and_equals_come_by_row(tmp_path: Path) -> None:
    found = stored(tmp_path / "p", AXES).search(np.array([0, 0.6, 0.8, 0], dtype=np.float32), 4)
    assert found == [(2, pytest.approx(0.8)), (1, pytest.approx(0.6)), (0, 0.0), (3, 0.0)]


def test_a_search_keeps_to_the_rows_given(tmp_path: Path) -> None:
    passages = stored(tmp_path / "p", AXES)
    rows = np.array([3, 0, 0, 99, -1], dtype=np.int64)
    assert passages.search(AXES[2], 9, rows=rows) == [(0, 0.0), (3, 0.0)]
    assert passages.search(AXES[2], 9, rows=np.array([], dtype=np.int64)) == []
    assert passages.search(AXES[2], 0) == []


def test_many_rows_are_searched_through_a_selector_with_the_same_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passages = stored(tmp_path / "p", random_units(200, 8))
    rows = np.arange(0, 200, 3, dtype=np.int64)
    query = random_units(1, 8, seed=2)
    exact = passages.search(query, 5, rows=rows)
    monkeypatch.setattr(module, "EXACT_ROWS", 3)
    selected = passages.search(query, 5, rows=rows)
    assert [row for row, _ in selected] == [row for row, _ in exact]
    assert [score for _, score in selected] == pytest.approx([score for _, score in exact])


def clustered(count: int, dimension: int, seed: int = 1) -> Vectors:
    """Vectors in some forty crowds, as texts are."""
    chance = np.random.default_rng(seed)
    middles = random_units(40, dimension, seed=99)
    made = middles[chance.integers(0, 40, count)] + 0.6 * random_units(count, dimension, seed=seed)
    unit: Vectors = made / np.linalg.norm(made, axis=1, keepdims=True)
    return unit


def test_above_the_limit_lists_are_searched_that_find_the_same(tmp_path: Path) -> None:
    made = clustered(6000, 16)
    lists = stored(tmp_path / "lists", made, flat_limit=5999)
    flat = stored(tmp_path / "flat", made, flat_limit=6000)
    assert (lists.kind, flat.kind) == (IVF, FLAT)
    queries = clustered(100, 16, seed=3)
    pairs = [(lists.search(query, 10), flat.search(query, 10)) for query in queries]
    assert sum(len({*dict(some)} & {*dict(best)}) for some, best in pairs) >= 970
    # What both find has one score, to the last bits: it is the vectors' own, not that of the bytes in the lists.
    both = [(dict(some)[row], score) for some, best in pairs for row, score in best if row in dict(some)]
    assert [one for one, _ in both] == pytest.approx([other for _, other in both], abs=1e-6)
    np.testing.assert_array_equal(lists.vectors(np.array([7, 3])), made[[7, 3]])


def test_a_library_that_repeats_itself_is_searched_as_widely_as_another(tmp_path: Path) -> None:
    middles, chance = random_units(60, 32, seed=5), np.random.default_rng(6)
    made = middles[chance.integers(0, 60, 12_000)] + 0.2 * random_units(12_000, 32, seed=7)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    lists = stored(tmp_path / "lists", made, flat_limit=1)
    flat = stored(tmp_path / "flat", made)
    queries = random_units(100, 32, seed=8)
    same = sum(len({*dict(lists.search(query, 10))} & {*dict(flat.search(query, 10))}) for query in queries)
    assert same >= 970


def test_fewer_lists_are_searched_than_there_are(tmp_path: Path) -> None:
    stored(tmp_path / "p", clustered(6000, 16), flat_limit=1)
    whole = faiss.read_index(str(tmp_path / "p"))
    index = faiss.downcast_index(whole.base_index)
    assert 1 <= index.nprobe < index.nlist // 2


@pytest.mark.parametrize("count", [1, 2, 60, 300])
def test_lists_of_few_passages_find_all_of_them(tmp_path: Path, count: int) -> None:
    made = random_units(count, 8)
    lists = stored(tmp_path / "lists", made, flat_limit=0)
    assert lists.kind == IVF
    assert sorted(row for row, _ in lists.search(made[0], count)) == list(range(count))
    assert [row for row, _ in lists.search(made[0], 1)] == [0]


def test_the_same_vectors_make_the_same_file_with_any_number_of_threads(tmp_path: Path) -> None:
    made = clustered(3000, 16)
    before = faiss.omp_get_max_threads()
    try:
        for threads in (1, 2, 3):
            faiss.omp_set_num_threads(threads)
            write_passages(tmp_path / str(threads), made, flat_limit=1)
    finally:
        faiss.omp_set_num_threads(before)
    assert len({(tmp_path / str(threads)).read_bytes() for threads in (1, 2, 3)}) == 1


@pytest.mark.parametrize("step", [2, 50])
def test_lists_keep_to_the_rows_given_and_find_the_nearest_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    lists = stored(tmp_path / "lists", clustered(6000, 16), flat_limit=1)
    rows = np.arange(0, 6000, step, dtype=np.int64)
    queries = clustered(50, 16, seed=3)
    exact = [{*dict(lists.search(query, 10, rows=rows))} for query in queries]
    monkeypatch.setattr(module, "EXACT_ROWS", 3)
    found = [{*dict(lists.search(query, 10, rows=rows))} for query in queries]
    assert {row % step for one in found for row in one} == {0}
    assert sum(len(one & other) for one, other in zip(found, exact, strict=True)) >= 485


def test_a_search_leaves_the_number_of_threads_as_it_was(tmp_path: Path) -> None:
    before = faiss.omp_get_max_threads()
    stored(tmp_path / "p", AXES).search(AXES[0], 1)
    assert faiss.omp_get_max_threads() == before


def test_no_passages_are_found_among_none(tmp_path: Path) -> None:
    nothing = stored(tmp_path / "p", np.zeros((0, 4), dtype=np.float32))
    assert nothing.search(AXES[0], 5) == []
    assert nothing.vectors().shape == (0, 4)


def test_vectors_come_in_the_order_asked(tmp_path: Path) -> None:
    passages = stored(tmp_path / "p", AXES)
    np.testing.assert_array_equal(passages.vectors(np.array([2, 0, 2])), AXES[[2, 0, 2]])
    np.testing.assert_array_equal(passages.vectors(), AXES)
    with pytest.raises(IndexError):
        passages.vectors(np.array([4]))


@pytest.mark.parametrize(("kind", "dimension", "count"), [(IVF, 4, 4), (FLAT, 5, 4), (FLAT, 4, 3), (FLAT, 4, 5)])
def test_an_index_of_another_kind_width_or_length_is_damaged(
    tmp_path: Path, kind: str, dimension: int, count: int
) -> None:
    write_passages(tmp_path / "p", AXES)
    with pytest.raises(IndexDamaged, match="manifest"):
        PassageVectors(tmp_path / "p", kind=kind, dimension=dimension, count=count)


def test_a_kind_that_is_not_written_is_not_read(tmp_path: Path) -> None:
    index = faiss.IndexHNSWFlat(4, 8, faiss.METRIC_INNER_PRODUCT)
    index.add(AXES)
    faiss.write_index(index, str(tmp_path / "p"))
    for kind in (FLAT, IVF, "hnsw"):
        with pytest.raises(IndexDamaged, match="IndexHNSWFlat"):
            PassageVectors(tmp_path / "p", kind=kind, dimension=4, count=4)


def test_lists_without_the_vectors_themselves_are_damaged(tmp_path: Path) -> None:
    write_passages(tmp_path / "p", random_units(300, 4), flat_limit=1)
    whole = faiss.read_index(str(tmp_path / "p"))
    faiss.write_index(faiss.downcast_index(whole.base_index), str(tmp_path / "p"))
    with pytest.raises(IndexDamaged, match="IndexIVFScalarQuantizer"):
        PassageVectors(tmp_path / "p", kind=IVF, dimension=4, count=300)


def test_an_index_of_another_metric_is_damaged(tmp_path: Path) -> None:
    index = faiss.IndexFlatL2(4)
    index.add(AXES)
    faiss.write_index(index, str(tmp_path / "p"))
    with pytest.raises(IndexDamaged):
        PassageVectors(tmp_path / "p", kind=FLAT, dimension=4, count=4)


@pytest.mark.parametrize("size", [0, 3, 40, 60, 100])
def test_a_cut_file_is_damaged(tmp_path: Path, size: int) -> None:
    write_passages(tmp_path / "p", AXES)
    (tmp_path / "p").write_bytes((tmp_path / "p").read_bytes()[:size])
    with pytest.raises(IndexDamaged):
        PassageVectors(tmp_path / "p", kind=FLAT, dimension=4, count=4)


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(HomeNotWritable, match="4 passages"):
        write_passages(tmp_path / "none" / "p", AXES)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_a_disk_that_refuses_only_the_last_bytes_is_told() -> None:
    with pytest.raises(HomeNotWritable, match="4 passages"):
        write_passages(Path("/dev/full"), AXES)


def halves(vectors: Vectors) -> list[npt.NDArray[np.float16]]:
    return [vectors[:1].astype(np.float16), vectors[1:].astype(np.float16)]


def test_units_are_kept_in_half_precision_and_given_at_length_one(tmp_path: Path) -> None:
    made = random_units(5, 16)
    with (tmp_path / "u.npy").open("wb") as file:
        write_units(file, halves(made), count=5, dimension=16)
    units = UnitVectors(tmp_path / "u.npy", dimension=16, count=5)
    found = units.vectors([4, 0])
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, made[[4, 0]], atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    assert units.vectors([]).shape == (0, 16)
    np.testing.assert_array_equal(np.load(tmp_path / "u.npy"), made.astype(np.float16))


def test_no_units_are_an_array_without_rows(tmp_path: Path) -> None:
    with (tmp_path / "u.npy").open("wb") as file:
        write_units(file, [], count=0, dimension=16)
    assert UnitVectors(tmp_path / "u.npy", dimension=16, count=0).vectors([]).shape == (0, 16)


def test_an_array_of_another_shape_or_type_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "u.npy"
    with path.open("wb") as file:
        write_units(file, halves(AXES), count=4, dimension=4)
    for dimension, count in ((5, 4), (4, 3), (4, 0)):
        with pytest.raises(IndexDamaged):
            UnitVectors(path, dimension=dimension, count=count)
    np.save(path, AXES)
    with pytest.raises(IndexDamaged):
        UnitVectors(path, dimension=4, count=4)


def test_an_array_of_objects_is_never_unpickled(tmp_path: Path) -> None:
    path = tmp_path / "u.npy"
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(IndexDamaged):
        UnitVectors(path, dimension=4, count=1)
    path.write_bytes(b"\x80\x04N.")
    with pytest.raises(IndexDamaged):
        UnitVectors(path, dimension=4, count=1)


def test_units_are_written_from_blocks_of_any_size() -> None:
    one, many = io.BytesIO(), io.BytesIO()
    write_units(one, [AXES.astype(np.float16)], count=4, dimension=4)
    write_units(many, halves(AXES), count=4, dimension=4)
    assert one.getvalue() == many.getvalue()

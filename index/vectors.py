"""The vectors of a snapshot: passages in FAISS, units in a memory-mapped array.

1. Up to `FLAT_LIMIT` passages are compared one by one, which is exact. Above it they lie in lists of neighbours, a
   byte a number (IVF with a scalar quantiser): the nearest lists are searched, and what they yield is compared again
   with the vectors themselves, which stay in the file until they are looked at.
2. How many lists are searched is measured, not guessed: as many as find `RECALL` of the true nearest of points half
   way between passages of the library itself, and never fewer than `LEAST_SHARE` of them.
3. The same vectors make the same file, whatever number of threads makes it.
4. Scores are inner products of unit vectors, that is cosines. Equal scores are ordered by row.
5. A file is read only after its checksum was compared (`snapshot`), and then must have the kind, width and number
   of rows that the manifest states: FAISS itself loads many a damaged file and answers differently, in silence.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import faiss as _typed_faiss
import numpy as np
import numpy.typing as npt

from factdesk.corpus.errors import HomeNotWritable, IndexDamaged
from factdesk.corpus.records import Vectors

faiss: Any = _typed_faiss  # the stubs it ships know neither inverted lists nor selectors
FLAT_LIMIT = 50_000
"""Comparing this many vectors of 384 numbers takes some 3 ms, and is exact."""
FLAT, IVF = "flat", "ivf"
RECALL, RECALL_AT = 0.985, 10
"""Share of the true nearest ten that the lists searched must hold: some above the 0.97 that is promised, as questions
are farther from every passage than the points on which it is measured."""
PROBES, SEED = 256, 7
"""Points on which that is measured."""
LEAST, LEAST_SHARE = 16, 32
"""Lists that are searched in any case: so many, and one in so many. In a library that says the same over and over, two
hold the nearest of any passage of it, but only 0.84 of the nearest of a question."""
LISTS_PER_ROOT = 2
"""Lists per square root of the passages: 2,000 lists of 500 for a million. More take longer to make than they save."""
TRAINING, ROUNDS = 48, 8
"""Vectors per list, and passes over them, that the lists are made from."""
WIDER = 4
"""Candidates per result that are compared again with their vectors: a byte a number blurs neighbouring scores."""
EXACT_ROWS = 20_000
"""Up to this many rows to choose from are compared one by one, whatever the index: a few lists hold few of a few."""
BYTE_LIMIT = 1 << 36
"""The largest single array FAISS may allocate while loading: 64 GiB, some 40 million passages."""
_CHUNK = 8_192
_TINY = np.finfo(np.float32).tiny
_CHUNK_BYTES = 1 << 20
_REBUILD = "run: factdesk ingest --rebuild"

UnitArray = npt.NDArray[np.float16]


def write_passages(path: Path, vectors: Vectors, *, flat_limit: int = FLAT_LIMIT) -> str:
    """Write the index of the passages and return its kind."""
    count, dimension = vectors.shape
    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    if count <= flat_limit:
        kind, index = FLAT, faiss.IndexFlatIP(dimension)
        index.add(vectors)
    else:
        kind, index = IVF, _in_lists(vectors)
    try:
        # Through a file of ours: FAISS's own says nothing when the system refuses the last bytes as it closes.
        with path.open("wb") as file:
            faiss.write_index(index, faiss.PyCallbackIOWriter(file.write, _CHUNK_BYTES))
    except (RuntimeError, OSError) as error:
        raise HomeNotWritable(
            f"the vectors of {count:,} passages ({count * dimension * 4 / 1e6:,.1f} MB) cannot be written",
            hint="make room on the disk or choose another folder with --home, then run: factdesk ingest",
        ) from error
    return kind


def _in_lists(vectors: Vectors) -> Any:
    """An index of neighbouring vectors in lists, with the vectors themselves to compare again with."""
    count, dimension = vectors.shape
    lists = max(1, min(LISTS_PER_ROOT * math.isqrt(count), count // TRAINING))
    coarse = faiss.IndexFlatIP(dimension)
    index = faiss.IndexIVFScalarQuantizer(
        coarse, dimension, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT, False
    )
    index.cp.spherical = True
    index.cp.seed = SEED
    index.cp.niter = ROUNDS
    index.cp.max_points_per_centroid = TRAINING
    whole = faiss.IndexRefineFlat(index)
    whole.train(vectors)
    for first in range(0, count, _CHUNK):
        whole.add(vectors[first : first + _CHUNK])
    index.nprobe = _enough_lists(index, whole.refine_index, vectors)
    return whole


def _enough_lists(index: Any, exact: Any, vectors: Vectors) -> int:
    """The least number of lists, doubling from the fewest, that hold `RECALL` of the true nearest of some points."""
    rows = np.random.default_rng(SEED).choice(len(vectors), min(PROBES, len(vectors)), replace=False)
    # The length does not matter to which is nearest.
    points = vectors[rows] + vectors[np.roll(rows, 1)]
    wanted = exact.search(points, RECALL_AT)[1]
    probed = max(LEAST, index.nlist // LEAST_SHARE)
    while probed < index.nlist:
        parameters = faiss.SearchParametersIVF(nprobe=probed)
        found = index.search(points, WIDER * RECALL_AT, params=parameters)[1]
        held = sum(len({*one.tolist()} & {*other.tolist()}) for one, other in zip(found, wanted, strict=True))
        if held >= RECALL * wanted.size:
            break
        probed *= 2
    return int(min(probed, index.nlist))


def write_units(file: IO[bytes], blocks: Iterable[UnitArray], *, count: int, dimension: int) -> None:
    """Write an .npy file from blocks of rows that together are `count` rows.

    Written through the file and not through a memory map: on a full disk a map ends the process.
    """
    header = {"descr": "<f2", "fortran_order": False, "shape": (count, dimension)}
    np.lib.format.write_array_header_1_0(file, header)
    for block in blocks:
        file.write(np.ascontiguousarray(block, dtype="<f2").tobytes())


class PassageVectors:
    """The vectors of the passages."""

    def __init__(self, path: Path, *, kind: str, dimension: int, count: int) -> None:
        """Load the index. Raises IndexDamaged if it is not of this kind, width and number of rows."""
        faiss.set_deserialization_vector_byte_limit(BYTE_LIMIT)
        try:
            # The vectors stay in the file until they are looked at: a cold start does not read a gigabyte.
            self._index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except (RuntimeError, MemoryError) as error:
            raise IndexDamaged("the vectors of the passages cannot be loaded", hint=_REBUILD) from error
        found = (_kind(self._index), self._index.metric_type, self._index.d, self._index.ntotal)
        if found != (kind, faiss.METRIC_INNER_PRODUCT, dimension, count):
            raise IndexDamaged(
                f"the vectors of the passages are {found[0]}, {found[2]} wide, {found[3]} rows; "
                f"the manifest says {kind}, {dimension} wide, {count} rows",
                hint=_REBUILD,
            )
        self.kind = kind
        self.dimension = dimension
        self.count = count
        self._lists = faiss.downcast_index(self._index.base_index) if kind == IVF else None
        self._exact = faiss.downcast_index(self._index.refine_index) if kind == IVF else self._index

    def search(self, query: Vectors, k: int, *, rows: npt.NDArray[np.int64] | None = None) -> list[tuple[int, float]]:
        """The `k` nearest passages, nearest first, as (row, cosine); among `rows` only, if given.

        `query` is one vector, of shape (dimension,) or (1, dimension).
        """
        vector = np.ascontiguousarray(query, dtype=np.float32).reshape(1, self.dimension)
        if rows is not None:
            rows = np.sort(rows[(rows >= 0) & (rows < self.count)])
            rows = rows[np.diff(rows, prepend=-1) > 0]  # np.unique imports the masked arrays: 8 ms of a first question
        k = min(k, self.count if rows is None else len(rows))
        if k <= 0:
            return []
        if rows is not None and len(rows) <= EXACT_ROWS:
            return self._compared(vector[0], rows, k)
        selector = None if rows is None else faiss.IDSelectorBatch(rows)
        if self._lists is not None:
            share = 1.0 if rows is None else len(rows) / self.count
            return self._compared(vector[0], self._candidates(vector, WIDER * k, share, selector), k)
        with _one_thread():
            scores, found = self._exact.search(vector, k, params=faiss.SearchParameters(sel=selector))
        ranked = [(int(row), float(score)) for row, score in zip(found[0], scores[0], strict=True) if row >= 0]
        return sorted(ranked, key=lambda item: (-item[1], item[0]))[:k]

    def _compared(self, vector: Vectors, rows: npt.NDArray[np.int64], k: int) -> list[tuple[int, float]]:
        """The `k` nearest of some rows by their vectors themselves."""
        scores = self.vectors(rows) @ vector
        order = np.lexsort((rows, -scores))[:k]
        return [(int(rows[at]), float(scores[at])) for at in order]

    def _candidates(self, vector: Vectors, wanted: int, share: float, selector: object) -> npt.NDArray[np.int64]:
        """Rows that the nearest lists hold; the smaller the share of rows to choose from, the more lists."""
        index: Any = self._lists
        least = math.ceil(wanted * index.nlist / self.count)
        lists = min(index.nlist, math.ceil(max(index.nprobe, least) / share))
        parameters = faiss.SearchParametersIVF(nprobe=lists, sel=selector)
        with _one_thread():
            found: npt.NDArray[np.int64] = index.search(vector, wanted, params=parameters)[1][0]
        return found[found >= 0]

    def vectors(self, rows: npt.NDArray[np.int64] | None = None) -> Vectors:
        """The vectors of these rows (all: None), in the order given."""
        if rows is None:
            rows = np.arange(self.count, dtype=np.int64)
        if not len(rows):
            return np.zeros((0, self.dimension), dtype=np.float32)
        if rows.min() < 0 or rows.max() >= self.count:
            raise IndexError(f"no such passage row; there are {self.count}")
        out: Vectors = self._exact.reconstruct_batch(np.ascontiguousarray(rows, dtype=np.int64))
        return out


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let FAISS search with the caller's thread alone.

    One question is too little to share out: on a busy machine the threads wait for each other ten times as long as
    the search takes. The number is kept by thread, so that others who search or write are not concerned.
    """
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(threads)


def _kind(index: Any) -> str:
    if type(index) is faiss.IndexFlatIP:
        return FLAT
    if type(index) is faiss.IndexRefineFlat:
        lists, exact = faiss.downcast_index(index.base_index), faiss.downcast_index(index.refine_index)
        if (
            (type(lists), type(exact)) == (faiss.IndexIVFScalarQuantizer, faiss.IndexFlatIP)
            and lists.metric_type == index.metric_type
            and lists.ntotal == exact.ntotal == index.ntotal
            and 0 < lists.nprobe <= lists.nlist
        ):
            return IVF
    return type(index).__name__


class UnitVectors:
    """The vectors of the units, half as wide in memory as they are returned."""

    def __init__(self, path: Path, *, dimension: int, count: int) -> None:
        """Map the file. Raises IndexDamaged if it is not of this shape."""
        try:
            # NumPy does not map a file without rows.
            array = np.load(path, mmap_mode="r" if count else None, allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise IndexDamaged("the vectors of the units cannot be loaded", hint=_REBUILD) from error
        if array.dtype != np.float16 or array.shape != (count, dimension):
            raise IndexDamaged(
                f"the vectors of the units are {array.dtype} {array.shape}; the manifest says {(count, dimension)}",
                hint=_REBUILD,
            )
        self._array: UnitArray = array
        self.dimension = dimension
        self.count = count

    def vectors(self, rows: npt.NDArray[np.int64] | list[int]) -> Vectors:
        """The vectors of these rows, in the order given, of length one."""
        unit: Vectors = self._array[np.asarray(rows, dtype=np.int64)].astype(np.float32)
        unit /= np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), _TINY)
        return unit

    def stored(self, rows: npt.NDArray[np.int64]) -> UnitArray:
        """The vectors of these rows as they are stored."""
        return np.asarray(self._array[rows])

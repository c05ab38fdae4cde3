"""The vectors of a snapshot: passages in FAISS, units in a memory-mapped array.

1. Up to `FLAT_LIMIT` passages are compared one by one, which is exact; above it a graph (HNSW) is searched.
2. The graph is built by one thread: with several, the same vectors give another graph each time, and the same
   question could get another answer after a rebuild.
3. Scores are inner products of unit vectors, that is cosines. Equal scores are ordered by row.
4. A file is read only after its checksum was compared (`snapshot`), and then must have the kind, width and number
   of rows that the manifest states: FAISS itself loads many a damaged file and answers differently, in silence.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

import faiss as _typed_faiss
import numpy as np
import numpy.typing as npt

from factdesk.corpus.errors import HomeNotWritable, IndexDamaged
from factdesk.corpus.records import Vectors

faiss: Any = _typed_faiss  # the stubs it ships know neither HNSW nor selectors
FLAT_LIMIT = 50_000
"""Comparing this many vectors of 384 numbers takes some 10 ms, and is exact."""
FLAT, HNSW = "flat", "hnsw"
NEIGHBOURS = 32
EF_CONSTRUCTION = 100
EF_SEARCH = 128
"""Candidates that a search of the graph keeps: at 64 one in fifty of the true best ten was missed."""
EXACT_ROWS = 20_000
"""Up to this many rows to choose from are compared one by one, whatever the index: a graph finds few of a few."""
BYTE_LIMIT = 1 << 36
"""The largest single array FAISS may allocate while loading: 64 GiB, some 40 million passages."""
_CHUNK = 8_192
_CHUNK_BYTES = 1 << 20
_REBUILD = "run: factdesk ingest --rebuild"

UnitArray = npt.NDArray[np.float16]


def write_passages(path: Path, vectors: Vectors, *, flat_limit: int = FLAT_LIMIT) -> str:
    """Write the index of the passages and return its kind."""
    count, dimension = vectors.shape
    if count <= flat_limit:
        kind, index = FLAT, faiss.IndexFlatIP(dimension)
    else:
        kind, index = HNSW, faiss.IndexHNSWFlat(dimension, NEIGHBOURS, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = EF_CONSTRUCTION
        index.hnsw.efSearch = EF_SEARCH
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
    finally:
        faiss.omp_set_num_threads(threads)
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

    def search(self, query: Vectors, k: int, *, rows: npt.NDArray[np.int64] | None = None) -> list[tuple[int, float]]:
        """The `k` nearest passages, nearest first, as (row, cosine); among `rows` only, if given.

        `query` is one vector, of shape (dimension,) or (1, dimension).
        """
        vector = np.ascontiguousarray(query, dtype=np.float32).reshape(1, self.dimension)
        if rows is not None:
            rows = np.unique(rows)
            rows = rows[(rows >= 0) & (rows < self.count)]
        k = min(k, self.count if rows is None else len(rows))
        if k <= 0:
            return []
        if rows is None:
            scores, found = self._index.search(vector, k, params=self._parameters(k, None))
        elif len(rows) <= EXACT_ROWS:
            scores, found = (self.vectors(rows) @ vector[0])[None], rows[None]
        else:
            selector = faiss.IDSelectorBatch(rows)
            scores, found = self._index.search(vector, k, params=self._parameters(k, selector))
        ranked = [(int(row), float(score)) for row, score in zip(found[0], scores[0], strict=True) if row >= 0]
        return sorted(ranked, key=lambda item: (-item[1], item[0]))[:k]

    def vectors(self, rows: npt.NDArray[np.int64] | None = None) -> Vectors:
        """The vectors of these rows (all: None), in the order given."""
        if rows is None:
            rows = np.arange(self.count, dtype=np.int64)
        if not len(rows):
            return np.zeros((0, self.dimension), dtype=np.float32)
        if rows.min() < 0 or rows.max() >= self.count:
            raise IndexError(f"no such passage row; there are {self.count}")
        out: Vectors = self._index.reconstruct_batch(np.ascontiguousarray(rows, dtype=np.int64))
        return out

    def _parameters(self, k: int, selector: object) -> object:
        if self.kind == HNSW:
            return faiss.SearchParametersHNSW(sel=selector, efSearch=max(EF_SEARCH, 2 * k))
        return faiss.SearchParameters(sel=selector)


def _kind(index: object) -> str:
    if type(index) is faiss.IndexFlatIP:
        return FLAT
    if type(index) is faiss.IndexHNSWFlat:
        return HNSW
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
        found = self._array[np.asarray(rows, dtype=np.int64)].astype(np.float32)
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        unit: Vectors = found / np.maximum(lengths, np.finfo(np.float32).tiny)
        return unit

    def stored(self, rows: npt.NDArray[np.int64]) -> UnitArray:
        """The vectors of these rows as they are stored."""
        return np.asarray(self._array[rows])

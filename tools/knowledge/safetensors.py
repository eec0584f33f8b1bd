"""Reader of the safetensors format: a JSON header, then the raw tensors."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def read_tensors(path: Path) -> dict[str, NDArray[np.float32]]:
    """The float32 tensors of a file by name, mapped read-only: pages are read when touched.

    Tensors of other types are left out.
    """
    with path.open("rb") as file:
        (header_length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(header_length))
    content = np.memmap(path, dtype=np.uint8, mode="r", offset=8 + header_length)
    return {
        name: np.asarray(content[slice(*entry["data_offsets"])]).view(np.float32).reshape(entry["shape"])
        for name, entry in header.items()
        if name != "__metadata__" and entry["dtype"] == "F32"
    }

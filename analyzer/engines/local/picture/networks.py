"""Loads the networks that look at the picture, and only those whose every byte is known."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

Array = npt.NDArray[np.floating[Any]]

FOLDER = Path(__file__).resolve().parents[1] / "models"

SHA256 = {
    "face_short": "6f7fa30c941c3a23ef1ff9540139e68180bb32f5984b2113523b55f27eee6485",
    "face_full": "03129f9686e266123fe1c34eef371866abd109b12f9e76a3e3cecdf2a5456619",
    "face_mesh": "1fd63426a429d66e2359cf8fbf04129b9b4125004b4af036e92d44e3c3bbadb6",
    "iris": "3cb76fb7d78e79205dc611246f6bedbdc864502b43ac74d94114f1104f6c765c",
}
"""By the name of the file; `models/README.md` says where each comes from."""


class NetworkError(Exception):
    """A network cannot be used. `code` is `model_missing` or `model_changed`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Network:
    """One network, on one thread: the other processor is busy with the sound."""

    def __init__(self, name: str, folder: Path = FOLDER) -> None:
        """Load it.

        Raises:
            NetworkError: it is not there, or is not the one we know.
        """
        try:
            content = (folder / f"{name}.onnx").read_bytes()
        except OSError:
            raise NetworkError("model_missing") from None
        if hashlib.sha256(content).hexdigest() != SHA256[name]:
            raise NetworkError("model_changed")
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        # waiting threads would keep the processor from the sound
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 4
        self._session = ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name

    def __call__(self, picture: Array) -> list[Array]:
        """What the network says about one picture: height, width, colours."""
        batch = np.ascontiguousarray(picture[None], np.float32)
        return list(self._session.run(None, {self._input: batch}))

"""
A neural network on onnxruntime.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import onnxruntime

from chorus_tts.engines.engine import HaltedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from chorus_tts.engines.engine import Halt

    Array = NDArray[np.float32] | NDArray[np.int64]


class OnnxSession:
    """
    *source* is a file, or its content.
    """

    def __init__(self, source: Path | bytes, *, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Threads that spin while they wait take the processor from those that work.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            source if isinstance(source, bytes) else str(source), options, providers=["CPUExecutionProvider"]
        )

    @property
    def inputs(self) -> dict[str, str]:
        """
        The type of each input by its name.
        """
        return {node.name: node.type for node in self._session.get_inputs()}

    def run(self, inputs: Mapping[str, Array], halt: Halt) -> list[NDArray[np.float32]]:
        options = onnxruntime.RunOptions()
        halt.on_stop(lambda: setattr(options, "terminate", True))
        try:
            return cast("list[NDArray[np.float32]]", self._session.run(None, dict(inputs), options))
        except Exception:
            if halt.halted:
                raise HaltedError from None
            raise

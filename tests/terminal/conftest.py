"""The screen walk itself is a developer's script; its checks are tested here."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

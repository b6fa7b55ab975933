"""The translations as the readers need them: compiled from portal/translations/*.po when they have changed."""

import shutil
import tempfile
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from portal.agencies.brand import content_hash


def compiled_catalogs(source: Path, built: Path) -> Path:
    """The folder of the compiled catalogs, made when it is missing; shared by all processes.

    Args:
        source: the folder with <language>/LC_MESSAGES/messages.po.
        built: where compiled copies are kept, one folder for each state of the sources.
    """
    catalogs = {path.relative_to(source): path.read_bytes() for path in sorted(source.glob("*/LC_MESSAGES/*.po"))}
    folder = (built / content_hash(b"\0".join(catalogs.values()))).resolve()
    if not folder.is_dir():
        _compile(catalogs, folder)
    return folder


def _compile(catalogs: dict[Path, bytes], folder: Path) -> None:
    """Whole or not at all, since several processes may start at once."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix="."))
    draft.chmod(0o755)
    for name, content in catalogs.items():
        target = draft / name.with_suffix(".mo")
        target.parent.mkdir(parents=True)
        with target.open("wb") as file:
            write_mo(file, read_po(BytesIO(content), locale=name.parts[0]))
    try:
        draft.rename(folder)
    except OSError:  # another process was faster
        shutil.rmtree(draft)

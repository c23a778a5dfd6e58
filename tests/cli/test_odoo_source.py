"""Where Odoo comes from."""

import pytest

from psa_cli import odoo_source, steps


def make_odoo(folder, release):
    (folder / "odoo/addons").mkdir(parents=True)
    (folder / "odoo/release.py").write_text(f"version_info = ({release}, 0, FINAL, 0, '')\n")
    return folder


@pytest.mark.parametrize("place", ["", odoo_source.SITE])
def test_a_checkout_or_a_prefix_of_19_is_taken(tmp_path, place):
    folder = make_odoo(tmp_path / place, "19, 0")
    assert odoo_source.from_variable(str(tmp_path)).python_path == folder


def test_addons_folders_of_a_checkout(tmp_path):
    make_odoo(tmp_path, "19, 0")
    (tmp_path / "addons").mkdir()
    source = odoo_source.from_variable(str(tmp_path))
    assert source.addons == [tmp_path / "odoo/addons", tmp_path / "addons"]


@pytest.mark.parametrize("release, shown", [("18, 0", "18.0"), ("'saas~19', 2", "19.2"), ("19, 1", "19.1")])
def test_another_release_is_refused_by_name(tmp_path, release, shown):
    make_odoo(tmp_path, release)
    with pytest.raises(steps.CliError) as caught:
        odoo_source.from_variable(str(tmp_path))
    assert "19.0" in str(caught.value)
    assert shown.split(".")[-1] in str(caught.value)


def test_a_folder_without_odoo_is_refused(tmp_path):
    with pytest.raises(steps.CliError, match="no Odoo there"):
        odoo_source.from_variable(str(tmp_path))


def test_the_variable_goes_before_everything(tmp_path, monkeypatch):
    monkeypatch.setenv("ODOO_SOURCE", str(make_odoo(tmp_path, "19, 0")))
    assert odoo_source.ensure().kind == "ODOO_SOURCE"


def test_a_warm_cache_needs_no_network(cache, monkeypatch):
    key = steps.digest(odoo_source.RECIPE, *odoo_source.DEBS, *odoo_source.LEAVE_OUT)
    (cache / f"odoo-{key}").mkdir(parents=True)
    monkeypatch.setattr(odoo_source, "download", lambda target: pytest.fail("network"))
    monkeypatch.setattr(odoo_source, "clone", lambda target: pytest.fail("network"))
    assert odoo_source.ensure().key == key


def test_the_mirror_is_the_machines_own():
    uris = (
        "'http://one.example/debian-security/dists/stable-security/InRelease' a 0\n"
        "'http://two.example/debian/dists/stable/InRelease' b 0\n"
    )
    assert odoo_source.mirror_in(uris, "stable") == "http://two.example/debian"
    assert odoo_source.mirror_in(uris, "other") is None

"""Records that follow a contract are written only where they differ from it."""


def write_changed(record, values):
    """Write those of ``values`` that differ: what was not changed by the contract costs nothing."""
    record.ensure_one()
    now = record._convert_to_write({name: record[name] for name in values})
    changed = {name: value for name, value in values.items() if now[name] != value}
    if changed:
        record.write(changed)

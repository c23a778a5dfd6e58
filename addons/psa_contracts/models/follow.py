"""What differs from what is stored; records that follow a contract are written only where they do."""


def differs(record, name, value):
    """Whether ``value``, as it is written, is another one than what the field ``name`` of ``record`` has."""
    now, kind = record[name], record._fields[name].type
    if kind == "many2one":
        return now.id != (value or False)
    if kind == "many2many":
        return record.new({name: value}, origin=record)[name]._origin != now
    if kind == "float":
        return abs(now - (value or 0.0)) > 0.000001
    return now != value


def write_changed(record, values):
    """Write those of ``values`` that differ: what was not changed by the contract costs nothing."""
    record.ensure_one()
    now = record._convert_to_write({name: record[name] for name in values})
    changed = {name: value for name, value in values.items() if now[name] != value}
    if changed:
        record.write(changed)

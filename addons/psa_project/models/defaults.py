"""What only buttons say is no default either."""


def only_own_defaults(model, values, names):
    """``values`` of ``default_get``, in which ``names`` have the defaults of their fields only.

    The context of a call and the defaults that users keep reach ``create`` past the check of what is given:
    whoever calls by RPC could have time made that is approved already.
    """
    kept = {name: value for name, value in values.items() if name not in names}
    for name in names & values.keys():
        default = model._fields[name].default
        if default:
            kept[name] = default(model)
    return kept

"""Whether the host's methods are the ones that a shortcut was proven against."""


def only_by(records, names, addons):
    """Whether nobody but ``addons`` says what the methods ``names`` of these records do.

    A shortcut that does for a batch what they do one by one leaves the work to them otherwise: a
    localisation that numbers or notifies in a way of its own keeps it.

    :param addons: technical names; ``base`` stands for the framework
    """
    for model_class in type(records).__mro__:
        if not any(name in vars(model_class) for name in names):
            continue
        path = model_class.__module__.split(".")
        addon = path[2] if path[:2] == ["odoo", "addons"] else "base"
        if addon not in addons:
            return False
    return True

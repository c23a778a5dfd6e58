"""The life of a timesheet entry between its writing and its approval.

>>> next_state("draft", "submit")
'submitted'
>>> next_state("submitted", "approve")
'approved'
>>> next_state("draft", "approve")
Traceback (most recent call last):
    ...
odoo.addons.psa_project.core.approval.ForbiddenStep: approve is not possible from draft
"""

DRAFT, SUBMITTED, APPROVED, REFUSED = "draft", "submitted", "approved", "refused"

#: Entries in these states hold what somebody has seen or signed off: their content is locked.
LOCKED_STATES = frozenset({SUBMITTED, APPROVED})

STEPS = {
    "submit": {DRAFT: SUBMITTED, REFUSED: SUBMITTED},
    "approve": {SUBMITTED: APPROVED},
    "refuse": {SUBMITTED: REFUSED},
    "recall": {SUBMITTED: DRAFT, REFUSED: DRAFT, APPROVED: DRAFT},
}


class ForbiddenStep(ValueError):
    """The step does not lead on from the state that the entry is in."""


def next_state(state, step):
    """The state that ``step`` leads to from ``state``.

    :raises ForbiddenStep: where the step is not possible from there
    """
    try:
        return STEPS[step][state]
    except KeyError:
        raise ForbiddenStep(f"{step} is not possible from {state}") from None


def states_for(step):
    """The states that ``step`` is possible from.

    >>> sorted(states_for("submit"))
    ['draft', 'refused']
    """
    return frozenset(STEPS[step])

"""Approve submitted time, which rates it, against the host's write of the hours of the same entries.

The host recomputes with the hours what follows from them: costs, quantities delivered, sums of tasks.
"""

import billing

SIZES = {"approve_10k": (100, 50, 10_000)}


def seed(env, name, quick):
    """Submitted time on SOWs that bill it."""
    size = billing.QUICK if quick else SIZES[name]
    for _entries in billing.seed_entries(env, *size):
        env.cr.commit()
        env.invalidate_all()
    return "{} SOWs, {} people, {} entries".format(*size)


def bench_entries(env, state):
    domain = [("psa_state", "=", state), ("name", "like", "Work %")]
    return env["account.analytic.line"].sudo().search(domain, order="id")


def warm(env):
    """Fill the caches of the registry with a few entries, both ways."""
    bench_entries(env, "submitted")[:10].action_psa_approve()
    env.cr.rollback()
    env.transaction.reset()
    prepare_peer(env)


def ours(env):
    """The entries, approved: each with its work in progress."""
    entries = bench_entries(env, "submitted")
    entries.action_psa_approve()
    return entries


def prepare_peer(env):
    """Submitted time is fixed: the peer writes drafts."""
    drafts = bench_entries(env, "submitted").ids
    env.flush_all()
    env.cr.execute("UPDATE account_analytic_line SET psa_state = 'draft' WHERE id = ANY(%s)", [drafts])
    env.invalidate_all()


def peer(env):
    """The same entries, their hours written at once."""
    entries = bench_entries(env, "draft")
    entries.write({"unit_amount": 2})
    return entries


def result(env, entries):
    """Both act on the same entries; ours has to leave work in progress for all of their hours."""
    env.flush_all()
    env.cr.execute(
        "SELECT count(*), sum(raw_hours) - (SELECT sum(unit_amount) FROM account_analytic_line WHERE id = ANY(%s))"
        " FROM psa_wip_entry WHERE analytic_line_id = ANY(%s)",
        [entries.ids, entries.ids],
    )
    count, difference = env.cr.fetchone()
    return [len(entries), count in (0, len(entries)), not difference or abs(difference) < 0.001]

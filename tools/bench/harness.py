"""Runs inside an Odoo shell: seeds, then measures ours and the peer in turn, each rolled back.

CPU seconds are those of this process and of its PostgreSQL backend: wall time is noise on a shared
machine. A benchmark is a module with ``seed(env, quick) -> size`` (commits), ``warm(env)``,
``ours(env) -> records`` and ``peer(env) -> records``, and ``result(env, records)``: what of both is compared.
One that has ``bound(env)`` instead of a peer is measured against the least work that gives the result. One
whose sides commit, as people do between two buttons, seeds and measures each of them on a database of its own;
the peer's has no addon of ours.
"""

import gc
import importlib
import json
import os
import threading
import time


def main(env, name, quick, repeat):
    """Print the figures of both sides of each round as one marked line."""
    bench, env = bench_of(env, name)
    size = seeded(env, bench, name, quick)
    bench.warm(env)
    restart(env)
    other = other_of(bench)
    rounds = [{side: measure(env, bench, side) for side in ("ours", other)} for _number in range(repeat)]
    tell({"size": size, "other": other, "rounds": rounds})


def seed(env, name, quick):
    """Print what was made in the database of one side of a benchmark whose sides are apart."""
    bench, env = bench_of(env, name)
    tell({"size": seeded(env, bench, name, quick), "other": other_of(bench)})


def one_side(env, name, side):
    """Print the figures of one side of such a benchmark, on a copy of the database seeded for it."""
    bench, env = bench_of(env, name)
    bench.warm(env)
    restart(env)
    tell(measure(env, bench, side))


def bench_of(env, name):
    """The module of the benchmark, and the environment of who works in it."""
    return importlib.import_module(name.rsplit("_", 1)[0]), env(user=env.ref("base.user_admin").id)


def seeded(env, bench, name, quick):
    size = bench.seed(env, name, quick)
    env.cr.commit()
    restart(env)
    return size


def other_of(bench):
    return "bound" if hasattr(bench, "bound") else "peer"


def tell(figures):
    print("BENCH " + json.dumps(figures), flush=True)


def measure(env, bench, side):
    """CPU seconds, queries, peak memory and result of one side; rolled back as far as it does not commit."""
    work = getattr(bench, side)
    getattr(bench, f"prepare_{side}", lambda env: None)(env)
    env.flush_all()
    env.invalidate_all()
    gc.collect()
    reset_peak()
    backend = env.cr._cnx.get_backend_pid()
    thread = threading.current_thread()
    thread.query_count, thread.query_time = 0, 0.0
    backend_start, start = backend_cpu(backend), time.process_time()
    records = work(env)
    env.cr.flush()
    cpu = time.process_time() - start + backend_cpu(backend) - backend_start
    figures = {"cpu_s": round(cpu, 3), "queries": thread.query_count, "peak_mb": status_mb("VmHWM")}
    figures["result"] = bench.result(env, records)
    restart(env)
    return figures


def restart(env):
    """Undo what was done since the seed, also what the rolled-back rows did to the planner."""
    env.cr.rollback()
    env.transaction.reset()
    vacuum(env)
    gc.collect()


def vacuum(env):
    """Statistics for the planner, as a database in use has them."""
    connection = env.cr._cnx
    env.cr.commit()
    isolation = connection.isolation_level
    connection.set_session(autocommit=True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    connection.set_session(autocommit=False)
    connection.set_isolation_level(isolation)


def backend_cpu(pid):
    """CPU seconds of a local PostgreSQL backend; 0 where it is not on this machine."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except OSError:
        return 0.0


def status_mb(name):
    """A memory figure of this process in MB."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith(name + ":"))


def reset_peak():
    """Let the peak of memory count from now on."""
    try:
        with open("/proc/self/clear_refs", "w") as refs:
            refs.write("5")
    except OSError:
        pass

"""Due retainer periods to posted invoices: the suite against the invoice cron of OCA ``contract`` and posting.

The peer has a contract with the same client, lines and prices. It comes from PyPI and is installed in the
copy of the database that the benchmark works on; it is no dependency of the suite.
"""

import subprocess
import sys
import tempfile
import zipfile
from datetime import date
from pathlib import Path

import billing

import odoo
from odoo import Command

from odoo.addons.psa_billing.models.psa_billing_run_job import BATCH

PEER = "odoo-addon-contract>=19.0,<19.1"
START, END = date(2026, 7, 1), date(2026, 7, 31)
SIZE, QUICK = 3000, 6
PRICES = (100, 101, 102)
CLIENT = "Bench retainer client"


def seed(env, name, quick):
    """Clients with a SOW of three monthly retainers each, and with a contract of the same three lines."""
    count = QUICK if quick else SIZE
    install_peer(env)
    company = env.company
    if not company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", company=company, install_demo=False)
    product = env["product.product"].create(
        {
            "name": "Bench retainer",
            "type": "service",
            "service_policy": "delivered_manual",
            "service_tracking": "no",
            "taxes_id": [Command.set(company.account_sale_tax_id.ids)],
        }
    )
    for first in range(0, count, 500):
        numbers = range(first, min(first + 500, count))
        clients = env["res.partner"].create([{"name": f"{CLIENT} {number:04d}"} for number in numbers])
        make_sows(env, clients, product)
        make_contracts(env, clients, product)
        env.cr.commit()
        env.invalidate_all()
    return f"{count} clients, {len(PRICES)} lines each"


def make_sows(env, clients, product):
    orders = env["sale.order"].create(
        [
            {
                "psa_kind": "sow",
                "partner_id": client.id,
                "psa_date_start": START,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "psa_billing_model": "retainer",
                            "name": f"Retainer {price}",
                            "product_uom_qty": 12,
                            "price_unit": price,
                        }
                    )
                    for price in PRICES
                ],
            }
            for client in clients
        ]
    )
    orders.sudo().action_confirm()  # as the portal does when the client signs


def make_contracts(env, clients, product):
    env["contract.contract"].with_context(mail_notify_force_send=False).create(
        [
            {
                "name": client.name,
                "code": f"BENCH{client.id}",
                "partner_id": client.id,
                "invoice_partner_id": client.id,
                "contract_type": "sale",
                "line_recurrence": True,
                "contract_line_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "name": f"Retainer {price} #START# to #END#",
                            "quantity": 1,
                            "price_unit": price,
                            "recurring_rule_type": "monthly",
                            "recurring_interval": 1,
                            "recurring_invoicing_type": "pre-paid",
                            "date_start": START,
                            "recurring_next_date": START,
                        }
                    )
                    for price in PRICES
                ],
            }
            for client in clients
        ]
    )


def install_peer(env):
    """Fetch the peer and install it in this database only."""
    folder = Path(tempfile.mkdtemp(prefix="psa_bench_"))
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder), PEER]
    subprocess.run(pip, check=True, stdout=subprocess.DEVNULL)
    for wheel in folder.glob("*.whl"):
        zipfile.ZipFile(wheel).extractall(folder)
    odoo.addons.__path__.append(str(folder / "odoo" / "addons"))
    env["ir.module.module"].update_list()
    env["ir.module.module"].search([("name", "=", "contract")]).button_immediate_install()
    env.transaction.reset()


def contracts(env):
    return env["contract.contract"].search([("name", "like", f"{CLIENT} %")], order="id")


def warm(env):
    """Fill the caches of the registry: a few of each."""
    orders = env["sale.order"].search([("partner_id.name", "like", f"{CLIENT} %")], limit=2)
    run = env["psa.billing.run"].create(
        {"name": "Warm", "date_from": START, "date_to": END, "invoice_date": END}
    )
    in_batches(run.sudo(), "propose", run.sudo()._psa_orders_to_bill() & orders)
    run.proposal_ids.action_approve()
    run.action_create_invoices()
    run.proposal_ids.invoice_id.action_post()
    env.cr.rollback()
    env.transaction.reset()
    contracts(env)[:1]._recurring_create_invoice(START).action_post()


def in_batches(run, job, records):
    for first in range(0, len(records), BATCH):
        run._psa_work_on(job, records[first : first + BATCH])


def ours(env):
    """A run over the month, all its proposals approved, their invoices posted with an empty cache; in the
    batches in which a run works in the background, in one transaction."""
    run = env["psa.billing.run"].create(
        {"name": "Bench", "date_from": START, "date_to": END, "invoice_date": END}
    )
    own = run.sudo()
    in_batches(own, "propose", own._psa_orders_to_bill())
    run.proposal_ids.action_approve()
    in_batches(own, "invoice", own.proposal_ids)
    return billing.posted(run.proposal_ids.invoice_id)


def peer(env):
    """The peer's cron on the day, its invoices posted with an empty cache."""
    last = env["account.move"].search([], order="id desc", limit=1).id or 0
    env["contract.contract"].cron_recurring_create_invoice(START)
    moves = env["account.move"].search([("id", ">", last), ("partner_id.name", "like", f"{CLIENT} %")])
    return billing.posted(moves)


def result(env, moves):
    """What both have to agree in: amounts of each client's invoice, of its lines, of the ledger."""
    env.flush_all()
    queries = (
        """SELECT m.partner_id, m.state, m.amount_untaxed, m.amount_tax, m.amount_total
             FROM account_move m WHERE m.id = ANY(%s) ORDER BY 1""",
        """SELECT m.partner_id, l.quantity, l.price_unit, l.price_subtotal, l.price_total
             FROM account_move_line l JOIN account_move m ON m.id = l.move_id
            WHERE l.move_id = ANY(%s) AND l.display_type = 'product' ORDER BY 1, 3""",
        """SELECT l.account_id, sum(l.debit), sum(l.credit) FROM account_move_line l
            WHERE l.move_id = ANY(%s) GROUP BY 1 ORDER BY 1""",
    )
    answers = []
    for query in queries:
        env.cr.execute(query, [moves.ids])
        answers.append([tuple(str(value) for value in row) for row in env.cr.fetchall()])
    return answers

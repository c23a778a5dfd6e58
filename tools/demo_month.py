"""One month of the demo firm, told step by step: opportunity to posted invoice.

Run by ``./psa demo`` inside an Odoo shell (``env`` is given). Each step is done by the person who does
it in life, with that person's rights. Running it again tells the story that has already happened.
"""

# ruff: noqa: F821  (``env`` is the shell's; the story is told on standard output)
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command, fields

STORY = "psa_demo.month"  # the parameter that remembers the opportunity of the story
SIGNATURE = (  # a picture of one dot
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def tell(who, what):
    print(f"  {who:<18} {what}", flush=True)


def person(login):
    return env.ref(f"psa_project.user_{login}")


def employee(login):
    return env.ref(f"psa_project.employee_{login}")


def money(record, amount):
    return f"{amount:,.2f} {record.currency_id.name}"


def sell(start, end):
    """Amara wins an opportunity and writes the SOW that Eva signs."""
    amara = person("amara")
    lead = (
        env["crm.lead"]
        .with_user(amara)
        .create(
            {
                "name": "Warehouse automation",
                "type": "opportunity",
                "partner_id": env.ref("psa_contracts.client_meridian").id,
                "expected_revenue": 20000,
                "user_id": amara.id,
            }
        )
    )
    tell("Amara", f"opens the opportunity {lead.name} for {lead.partner_id.name}")
    order = (
        env["sale.order"]
        .with_user(amara)
        .with_context(**lead.action_psa_new_sow()["context"])
        .create(
            {
                "psa_kind": "sow",
                "psa_date_start": start,
                "psa_date_end": end,
                "order_line": [
                    Command.create(
                        {
                            "display_type": "line_section",
                            "name": "Design",
                            "psa_date_start": start,
                            "psa_date_end": end,
                        }
                    ),
                    *(
                        Command.create(
                            {
                                "psa_role_id": env.ref(f"psa_project.role_{role}").id,
                                "psa_billing_model": "time_material",
                                "product_uom_qty": hours,
                            }
                        )
                        for role, hours in (("senior", 60), ("consultant", 40))
                    ),
                ],
            }
        )
    )
    tell("Amara", f"writes {order.name}: {money(order, order.amount_untaxed)} before taxes")
    for line in order.order_line.filtered("psa_role_id"):
        tell(
            "",
            f"{line.psa_role_id.name}: {line.product_uom_qty:g} h at {line.price_unit:g} "
            f"({line.psa_rate_reason})",
        )
    # what the portal does when a client signs: not Amara, the system stores it
    order.sudo().write(
        {"signed_by": "Eva de Vries", "signed_on": fields.Datetime.now(), "signature": SIGNATURE}
    )
    order.sudo()._validate_order()
    tell(
        "Eva (client)",
        f"signs; the project {order.project_ids[:1].name} is there, with {len(order.tasks_ids)} tasks",
    )
    return lead, order


def staff(order):
    """Tomas books the people that the SOW asks for."""
    tomas = person("tomas")
    for demand in env["psa.demand"].with_user(tomas).search([("order_id", "=", order.id)]):
        login = {"senior": "priya", "consultant": "nora"}[
            next(r for r in ("senior", "consultant") if demand.role_id == env.ref(f"psa_project.role_{r}"))
        ]
        booking = (
            env["psa.booking"]
            .with_user(tomas)
            .create(
                {
                    "demand_id": demand.id,
                    "employee_id": employee(login).id,
                    "date_start": demand.date_start,
                    "date_end": demand.date_end,
                    "hours": demand.hours,
                    "kind": "hard",
                }
            )
        )
        tell("Tomas", f"books {booking.employee_id.name} for {booking.hours:g} h as {booking.role_id.name}")


def work(order, start):
    """Priya and Nora log two weeks; Lucia approves."""
    tasks = {task.psa_role_id: task for task in order.tasks_ids}
    days = [start + timedelta(days=n) for n in range(14) if (start + timedelta(days=n)).weekday() < 5]
    entries = env["account.analytic.line"]
    for login, hours in (("priya", 5), ("nora", 3.5)):
        member = employee(login)
        task = tasks[member.psa_role_id]
        entries += env["account.analytic.line"].create(
            [
                {
                    "name": "Design of the warehouse flows",
                    "project_id": task.project_id.id,
                    "task_id": task.id,
                    "employee_id": member.id,
                    "date": day,
                    "unit_amount": hours,
                }
                for day in days
            ]
        )
        tell(member.name.split()[0], f"logs {hours * len(days):g} h and submits them")
    entries.action_psa_submit()
    entries.with_user(person("lucia")).action_psa_approve()
    tell("Lucia", f"approves {sum(entries.mapped('unit_amount')):g} h")


def lead_projects():
    """Lucia leads three engagements, and the firm wants what they bill reviewed."""
    env.company.psa_billing_review = True
    for name in ("psa_contracts.sow_meridian_erp", "psa_contracts.sow_harbour_cost"):
        env.ref(name).order_line.task_id.project_id.user_id = person("lucia")


def bill_before(name, day):
    """Henrik billed one SOW up to ``day``; the client has not paid yet."""
    order, henrik = env.ref(name), person("henrik")
    run = (
        env["psa.billing.run"]
        .with_user(henrik)
        .create(
            {
                "date_to": day,
                "invoice_date": day,
                "order_ids": [Command.set(order.ids)],
                "only_due": False,
                "company_id": order.company_id.id,
            }
        )
    )
    run.action_make_proposals()
    run.proposal_ids.action_review()
    run.proposal_ids.action_approve()
    run.proposal_ids.action_create_invoice()
    invoices = order.with_user(henrik).invoice_ids
    invoices.invoice_payment_term_id = env.ref("account.account_payment_term_immediate")
    invoices.action_post()
    tell(
        "Henrik",
        f"billed {order.client_order_ref} until {day}, not paid yet: "
        + money(invoices, sum(invoices.mapped("amount_total"))),
    )
    promise = (
        env["psa.payment.promise"]
        .with_user(henrik)
        .create(
            {
                "partner_id": order.partner_id.id,
                "date": fields.Date.context_today(env.user) + timedelta(days=7),
                "note": "James Carter, by phone",
            }
        )
    )
    tell("James (client)", f"promises {money(promise, promise.amount)} for {promise.date}")


def support(start):
    """Sofia works on the retainer of Harbour Health, over its hours, and travels to the client."""
    order, sofia = env.ref("psa_billing.sow_harbour_support"), employee("sofia")
    retainer, travel = order.order_line[:1], env.ref("psa_contracts.product_expense")
    task = retainer.task_id
    entries = env["account.analytic.line"].create(
        [
            {
                "name": "Questions of the wards about their savings",
                "project_id": task.project_id.id,
                "task_id": task.id,
                "employee_id": sofia.id,
                "date": start + timedelta(days=day),
                "unit_amount": 7,
            }
            for day in (8, 9, 16, 21, 23)
        ]
    )
    entries.action_psa_submit()
    entries.with_user(person("lucia")).action_psa_approve()
    tell("Sofia", f"works {sum(entries.mapped('unit_amount')):g} h on the retainer of thirty hours")
    expense = env["hr.expense"].create(
        {
            "name": "Train and hotel in Dublin",
            "employee_id": sofia.id,
            "product_id": travel.id,
            "date": start + timedelta(days=9),
            "sale_order_id": order.id,
            "total_amount_currency": 486.4,
        }
    )
    expense.action_submit()
    if expense.state != "approved":
        expense.action_approve()
    action = expense.action_post()
    wizard = env["hr.expense.post.wizard"].with_context(**action["context"]).browse(action["res_id"])
    wizard.accounting_date = start + timedelta(days=9)
    wizard.action_post_entry()
    tell("Sofia", f"has an expense of {money(expense, expense.total_amount_currency)} that the client pays")


def bill(order, start, end):
    """Henrik makes proposals for the month, Lucia reviews hers, he posts the invoice of this SOW."""
    henrik, lucia = person("henrik"), person("lucia")
    run = (
        env["psa.billing.run"]
        .with_user(henrik)
        .create({"date_from": start, "date_to": end, "company_id": order.company_id.id})
    )
    run.action_make_proposals()
    tell("Henrik", f"runs {run.name}: {len(run.proposal_ids)} proposals")
    erp = env.ref("psa_contracts.sow_meridian_erp")
    write_off(run.proposal_ids.filtered(lambda p: p.order_id == erp), lucia)
    proposal = run.proposal_ids.filtered(lambda p: p.order_id == order)
    proposal.with_user(lucia).action_review()
    proposal.action_approve()
    proposal.action_create_invoice()
    invoice = order.with_user(henrik).invoice_ids
    invoice.action_post()
    tell(
        "Henrik", f"posts {invoice.name} to {invoice.partner_id.name}: {money(invoice, invoice.amount_total)}"
    )
    for line in invoice.line_ids.filtered("account_id").sorted(lambda line: -line.balance):
        tell(
            "",
            f"{line.account_id.code} {line.account_id.name:<28} {line.debit:>10,.2f} {line.credit:>10,.2f}",
        )


def write_off(proposal, lucia):
    """Lucia takes a tenth off one line of a proposal, and says why."""
    line = proposal.line_ids.with_user(lucia)[-1:]
    dialog = line.action_adjust()
    wizard = env["psa.adjust.work"].with_user(lucia).browse(dialog["res_id"])
    wizard.write(
        {
            "how": "percent",
            "percent": -10,
            "reason_id": env.ref("psa_billing.reason_learning").id,
            "note": "Felix was new on the engagement",
        }
    )
    taken_off = line.amount - wizard.amount_after
    wizard.action_apply()
    tell("Lucia", f"writes off {money(proposal, taken_off)} of {proposal.order_id.client_order_ref}")


def tell_the_month():
    """Play the month once; later calls only say that it was played."""
    parameters = env["ir.config_parameter"].sudo()
    if parameters.get_param(STORY):
        print("  The month was told before; its records are in the database.")
        return
    today = fields.Date.context_today(env["res.users"])
    start = today + relativedelta(months=-1, day=1)
    end = today + relativedelta(day=1, days=-1)
    lead_projects()
    bill_before("psa_contracts.sow_tallis_regulation", start - timedelta(days=1))
    lead, order = sell(start, end + relativedelta(months=2))
    staff(order)
    work(order, start)
    support(start)
    bill(order, start, end)
    parameters.set_param(STORY, str(lead.id))
    print("  Opportunity to cash: done.")


if __name__ != "<run_path>":  # the shell; a test plays the month in a transaction of its own
    tell_the_month()
    env.cr.commit()  # pylint: disable=invalid-commit

"""Two people send the reminder of one client at the same moment, while the daily job sends it too.

In a database of its own, with real transactions: the client gets one letter.
"""

PREPARE = """
from datetime import timedelta
from odoo import Command, fields
company = env.company
if not company.chart_template:
    env["account.chart.template"].try_loading("generic_coa", company=company, install_demo=False)
client = env["res.partner"].create({"name": "Client", "email": "ap@client.example", "ref": "race"})
due = fields.Date.today() - timedelta(days=30)
invoice = env["account.move"].create({
    "move_type": "out_invoice", "partner_id": client.id, "invoice_date": due - timedelta(days=30),
    "invoice_date_due": due, "invoice_payment_term_id": False, "invoice_line_ids": [
        Command.create({"name": "Work", "price_unit": 1000, "tax_ids": [Command.clear()]})]})
invoice.action_post()
env["psa.dunning.reminder"]._psa_propose(company, client, fields.Date.today())
env.cr.commit()
"""

#: Each transaction has read the reminder as proposed before the first of them sends it.
RACE = """
import threading
from odoo import api, fields
from odoo.exceptions import UserError
from odoo.service.model import retrying
client = env["res.partner"].search([("ref", "=", "race")])
reminder = env["psa.dunning.reminder"].search([("partner_id", "=", client.id)])
print("BEFORE", reminder.state, reminder.amount)
before = len(client.message_ids)
start, outcomes = threading.Barrier(3), []
env.cr.commit()

def send(by_hand):
    with env.registry.cursor() as cr:
        own = api.Environment(cr, env.uid, {})
        mine = own["psa.dunning.reminder"].browse(reminder.id)
        mine.state
        start.wait()
        try:
            if by_hand:
                retrying(mine.action_send, own)
            else:
                retrying(lambda: mine._psa_send_or_say_why(fields.Date.today()), own)
            outcomes.append("done")
        except UserError as error:
            cr.rollback()
            outcomes.append(str(error))

threads = [threading.Thread(target=send, args=(by_hand,)) for by_hand in (True, True, False)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
env.invalidate_all()
letters = client.message_ids.filtered(lambda message: "reminder" in (message.subject or "").lower())
print("OUTCOMES", outcomes)
print("LETTERS", len(letters), len(client.message_ids) - before, reminder.state, reminder.problem)
print("MAILS", env["mail.notification"].search_count([("mail_message_id", "in", client.message_ids.ids),
                                                      ("notification_type", "=", "email")]))
"""


def test_two_people_and_the_daily_job_send_one_letter(firm):
    run, install = firm
    install()
    run(PREPARE)
    told = run(RACE)
    assert "BEFORE proposed 1000.0" in told
    assert "LETTERS 1 1 sent False" in told, told
    assert "MAILS 1" in told, told
    # whoever came second was told so, and nothing else went wrong
    outcomes = next(line for line in told.splitlines() if line.startswith("OUTCOMES"))
    refusals = outcomes.count("Somebody else sends") + outcomes.count("sent or skipped before")
    assert "'done'" in outcomes and refusals + outcomes.count("'done'") == 3, told

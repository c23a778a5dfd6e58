"""How a SOW line earns, and the host's service policy that invoices it that way (DESIGN: "Rates").

>>> POLICY_OF_MODEL["time_material"]
'delivered_timesheet'
>>> MODEL_OF_POLICY["delivered_milestones"]
'milestone'

Several models are invoiced by hand-set delivered quantities, so that policy alone names none:

>>> MODEL_OF_POLICY.get("delivered_manual")
"""

TIME_MATERIAL, FIXED, MILESTONE = "time_material", "fixed", "milestone"
RETAINER, EXPENSE, SUCCESS_FEE = "retainer", "expense", "success_fee"

#: Billing model and ``service_policy`` of the product have to agree.
POLICY_OF_MODEL = {
    TIME_MATERIAL: "delivered_timesheet",
    FIXED: "ordered_prepaid",
    MILESTONE: "delivered_milestones",
    # a due period delivers one unit, an approved fee the fee; expenses are re-invoiced by the host
    RETAINER: "delivered_manual",
    EXPENSE: "delivered_manual",
    SUCCESS_FEE: "delivered_manual",
}
MODEL_OF_POLICY = {
    policy: model
    for model, policy in POLICY_OF_MODEL.items()
    if list(POLICY_OF_MODEL.values()).count(policy) == 1
}

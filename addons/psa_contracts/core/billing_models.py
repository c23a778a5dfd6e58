"""How a SOW line earns, and the host's service policy that invoices it that way (DESIGN: "Rates").

>>> POLICY_OF_MODEL["time_material"]
'delivered_timesheet'
>>> MODEL_OF_POLICY["delivered_milestones"]
'milestone'
"""

TIME_MATERIAL, FIXED, MILESTONE = "time_material", "fixed", "milestone"

#: Billing model and ``service_policy`` of the product have to agree.
POLICY_OF_MODEL = {
    TIME_MATERIAL: "delivered_timesheet",
    FIXED: "ordered_prepaid",
    MILESTONE: "delivered_milestones",
}
MODEL_OF_POLICY = {policy: model for model, policy in POLICY_OF_MODEL.items()}

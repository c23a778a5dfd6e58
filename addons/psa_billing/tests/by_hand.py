"""What a contract says, reckoned by the books: none of the product's own sums and roundings."""

from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal


def dec(number):
    """The Decimal of a float as it is shown, without the noise of sums."""
    return Decimal(repr(round(number, 9)))


def to_nearest(value, unit):
    """``value`` (Decimal) in multiples of ``unit``, halves away from zero."""
    return (value / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit


def net_price(line):
    """The price of a unit of a SOL (Decimal): after the discount, without the taxes that are in it."""
    included = sum(dec(tax.amount) for tax in line.tax_ids if tax.price_include)
    return dec(line.price_unit) * (100 - dec(line.discount)) / (100 + included)


def full_price(line):
    """The price of a unit of a SOL (Decimal) after the discount, with the taxes that are in it."""
    return dec(line.price_unit) * (100 - dec(line.discount)) / 100


def worth(line, quantity):
    """What ``quantity`` of a SOL comes to before taxes, rounded once, in the currency of the SOW."""
    return float(to_nearest(dec(quantity) * net_price(line), dec(line.currency_id.rounding)))


def unit_hours(line):
    """Hours of a unit of a SOL that sells time."""
    return 8 if line.product_uom_id == line.env.ref("uom.product_uom_day") else 1


def billable_hours(hours, sow):
    """``hours`` (float) in whole steps of time, as the SOW says (Decimal)."""
    minutes = int(sow.psa_rounding_minutes or 0)
    if not minutes:
        return dec(hours)
    seconds = to_nearest(dec(hours) * 3600, Decimal(1))
    steps = abs(seconds) / (60 * minutes)
    how = ROUND_HALF_UP if sow.psa_rounding_direction == "nearest" else ROUND_CEILING
    return steps.quantize(Decimal(1), how).copy_sign(seconds) * minutes / 60


def shares_of(amount, percents, unit):
    """``amount`` by ``percents``: each rounded to ``unit``, the last takes the rest."""
    parts = [to_nearest(dec(amount) * dec(percent) / 100, dec(unit)) for percent in percents[:-1]]
    return [float(part) for part in (*parts, dec(amount) - sum(parts))]

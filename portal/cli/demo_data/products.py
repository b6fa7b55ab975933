"""What the demo sells: real carriers with policy numbers in the shapes that their groups use, digits invented."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Product:
    """A policy on offer.

    Args:
        carrier: as in reference/carriers.csv.
        shape: policy number; each # becomes a digit.
        coverage: code in reference/coverage_types.csv.
        premium: from and to, in dollars.
        is_surplus: surplus lines: taxed, with a policy fee and a minimum earned premium.
        wholesaler: through whom it was placed.
    """

    carrier: str
    shape: str
    coverage: str
    premium: tuple[int, int]
    is_surplus: bool = False
    wholesaler: str = ""


SURPLUS = (
    Product("Evanston Insurance Company", "3AA######", "CGL", (2_400, 28_000), True, "Amwins"),
    Product("Lexington Insurance Company", "0########", "PROP", (6_000, 46_000), True, "RT Specialty"),
    Product("Nautilus Insurance Company", "NN#######", "CGL", (1_800, 19_000), True),
    Product("The Burlington Insurance Company", "###BW#####", "EXCES", (2_500, 21_000), True, "CRC Group"),
    Product("United States Liability Insurance Company", "CL #######B", "LL", (900, 7_800), True),
    Product("Colony Insurance Company", "GL #######-01", "CGL", (3_200, 17_500), True, "Burns & Wilcox"),
    Product("Steadfast Insurance Company", "GLO #######-00", "POLL", (4_000, 22_000), True),
    Product("Landmark American Insurance Company", "LHA######", "PL", (1_500, 12_500), True, "RT Specialty"),
)
COMMERCIAL = (
    Product("Hartford Casualty Insurance Company", "76 SBA AB####", "BOP", (650, 5_400)),
    Product("Hartford Underwriters Insurance Company", "76 WEG AC####", "WORK", (900, 9_800)),
    Product("Travelers Casualty Insurance Company of America", "I-680-1A######-TIL-25", "CPKGE", (1_400, 11_000)),
    Product("The Charter Oak Fire Insurance Company", "UB-0K######-25-42-G", "WORK", (1_100, 14_000)),
    Product("Ohio Security Insurance Company", "BKS (25) ## ## ## ##", "BOP", (700, 6_200)),
    Product("Liberty Insurance Corporation", "WC5-31S-######-015", "WORK", (1_000, 12_000)),
    Product("Valley Forge Insurance Company", "6 0########", "CPKGE", (1_200, 9_500)),
    Product("Technology Insurance Company, Inc.", "TWC#######", "WORK", (800, 7_500)),
    Product("United Financial Casualty Company", "0#######-0", "AUTOB", (1_300, 13_500)),
    Product("Hiscox Insurance Company Inc.", "UDC-#######-CGL-25", "CGL", (450, 2_900)),
    Product("NorGUARD Insurance Company", "ABBP0#####", "BOP", (600, 4_800)),
    Product("Next Insurance US Company", "NXT-####-00-GL", "CGL", (380, 2_600)),
    Product("Coalition Insurance Company", "C-4LQ#-######-CYBER-2025", "CYBER", (750, 4_200)),
)
PERSONAL = (
    Product("State Farm Fire and Casualty Company", "93-AB-C0##-#", "HOME", (900, 3_900)),
    Product("Nationwide Mutual Insurance Company", "ACP HOA 30########", "HOME", (850, 3_600)),
    Product("United Financial Casualty Company", "0#######-1", "AUTOP", (620, 2_800)),
    Product("Pacific Indemnity Company", "13##-##-## HOP", "PUMBR", (300, 900)),
    Product("Foremost Insurance Company Grand Rapids, Michigan", "381-00########-01", "MHOME", (420, 1_500)),
    Product("Spinnaker Insurance Company", "HNC-00#####-01", "HOME", (980, 3_200)),
)
SURPLUS_LINES_TAX = {  # of premium; for the demo's amounts only
    "NY": "0.036", "NJ": "0.05", "CT": "0.04", "MA": "0.04", "ME": "0.03", "PA": "0.03", "NH": "0.03", "RI": "0.04",
    "VT": "0.03", "PR": "0.09", "NC": "0.05",
}  # fmt: skip
PRODUCERS = {
    "harborline": (("Nadia Brooks", "Owen Farrell"), ("Priya Shah", "Luis Ortega")),
    "juniper-oak": (("Ada Juniper", "Ben Oakley"), ("Chloe Marsh",)),
}

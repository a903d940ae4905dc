r"""The words by which reports name findings: one pattern a family, grouped by how soon they need attention.

Alternatives are separated by white space and begin at the start of a word; `_` is a space and `…` up to
four words in between. Patterns meet lower-case clauses one a line, and `.` never leaves a line.

The grouping follows the convention of this corpus, in which severity belongs to the finding whatever
its age: a healed fracture is as emergent as a fresh one, and a catheter that is in place is urgent.
"""

from __future__ import annotations

import re


def terms(alternatives: str) -> re.Pattern[str]:
    """Compile alternatives, separated by white space, into one pattern (see the module for `_` and `…`)."""
    joined = "|".join(alternatives.split()).replace("_", r"\s").replace("…", r"(?:\w+\s){0,4}")
    return re.compile(rf"\b(?:{joined})")


# Emergent: what was hit, and air or objects where they do not belong.
FRACTURE = terms(r"fractures?\b(?!.{0,12}(?:lead|wire)) (sub)?luxation dislocat broken\b")
FREE_AIR = terms(r"(hydro|hemo)?pneumothora hemothora pneumoperitoneum pneumomediastinum free_(\w+_)?(air|gas)\b")
SHIFT = terms(r"(mediastin\w+|trachea\w*|(right|left)ward)_…(shift|deviat) shift\w*_of deviation_of")
FOREIGN_BODY = terms(r"""
    foreign_bod bullet shrapnel ballistic piercing nipple_(ring|jewel) metallic_(bb|fragment)
    (nerve|spinal|cord)_stimulator swallowed aspirated""")

# Urgent: disease of the lung, the pleura and the failing heart, and what was put into the chest.
OPACITY = terms(r"opacit opacif densit(y|ies)\b haz[ye] ground[-\s]glass")
LUNG_DISEASE = terms(r"""
    (broncho)?pneumonia\b infiltrat consolidat air\s?space_(disease|process) infectio abscess cavit(y|ation|ary)
    bronchiecta peribronch bronch\w+_(\w+_)?thicken cystic_fibrosis""")
EFFUSION = terms(r"effusions?\b pleural_fluid fluid_in_the blunt")
CONGESTION = terms(r"""
    edema congesti heart_failure chf\b cephalization kerley engorged venous_hypertension early_failure
    vascular_(redistribution|prominence)
    (prominent|engorged|increased)_(\w+_){0,2}vascula interstitial_(opacit|pattern|disease|infiltrat)""")
SMALL_VOLUMES = terms(r"""
    (low|decreased|diminished|small|shallow|reduced|poor)_(\w+_)?(lung|inspirat|volume)
    lung_volumes_(are|remain)_…(low|decreased|diminished|reduced|small) hypo(inflat|ventilat|expan|aerat)
    under\s?inflat""")
DIAPHRAGM = terms(r"""
    (elevat|flatten|rais|tent)\w*_…(hemi)?diaphragm (hemi)?diaphragms?\b.{0,25}(elevat|flatten|rais) flattened""")
LINES = terms(r"""
    catheter picc\b (chest|mediastinal|chemo\w*|power|infusion)_port port-?a-?cath mediport tubes?\b tracheostomy
    tips?\b (ij|subclavian|central)_(\w+_)?line svc\b cavoatrial""")
HARDWARE = terms(r"""
    pace\s?maker pacer pacing a?icd\b defibrillator generator leads?\b device loop_recorder arthroplast prosthesis
    (retention|anchor|screw|rod|plate)s?\b hardware clips?\b suture staple surgical_(clip|xxxx|material|suture|staple)
    valv\w+ wires?\b stents?\b cholecystectomy coils?\b""")
MASS = terms(r"""
    mass(es)?\b(?!_effect) (?<!calcified\s)(lymph)?adenopathy malignan neoplas metasta tumor carcinoma
    (mediastin\w+|hil\w+)_…(prominen|widen|enlarg|full)
    (prominen|widen|enlarg|full)\w*_…(mediastin|hil(um|ar|a)\b|paratracheal)""")
DEFORMED_BONE = terms(r"""
    (ribs?|clavic\w+)_…deform deform\w+_……(ribs?|clavic) lytic lucen(t|cy)\b.{0,30}(rib|clavic|hum) resect\w+_…ribs?
    thoracotomy""")

# Non-urgent: the marks that age and old disease leave.
WORN_SPINE = terms(r"""
    degenerat osteophyt spondyl arthri arthro(sis|tic|pathy) hypertrophic_change dis[ck]_disease hyperostosis
    syndesmophyt dish\b endplate""")
CURVED_SPINE = terms(r"""
    \w*scolio kypho \w*curvature wedg (deform|compress)\w*.{0,50}(vertebra|spine|thoracic|lumbar)
    (vertebra|spin|thoracic|lumbar)\w*_…(deform|height|compress) osteopen osteopor demineral
    (cervical|spinal|lumbar|thoracic)_(\w+_)?fusion
    pectus excavatum osteodystroph""")
HARD_AORTA = terms(r"""
    tortuo ectasi ectatic ath\w*sclero aneurysm uncoil unfold (aort|vascular|arter)\w*_…calcif calcif\w*_…(aort|arter)
    (dilated|enlarged|prominent)_…aort aort\w*_(is|appears)_…(prominent|dilated)""")
GRANULOMA = terms(r"granulom calcified calcifications?\b histoplasm")
OLD_MARK = terms(r"scar fibro(sis|tic|nodular) (pleural|apical)_(\w+_){0,2}thicken cap(ping)?\b (micro)?nodul(e|es)\b")
LARGE_LUNGS = terms(r"""
    hyper[-\s]?(inflat|expan|aerat|lucen|disten) emphysem copd\b chronic_obstructive bull(a|ae|ous)\b air_trapping
    large_lung_volumes over\s?(inflat|expan) increased_(ap|lung)\b""")
LARGE_HEART = terms(r"""
    cardiomegaly (heart|cardi(ac|o\w+)|ventric\w+|atri\w+)_…(enlarg|prominent|borderline|big|large)
    (enlarge\w*|prominent|large|borderline)_(of_)?(the_)?(heart|cardi|ventric)""")
ATELECTASIS = terms(r"atelecta crowding markings interstitial_prominence prominent_interstiti volume_loss")
HERNIA = terms(
    r"hernia eventration fat_pad (epi|peri)cardial_fat azygos mastectom breast_(implant|prosth) nipple_shadow"
)
AGE = terms(r"""
    old\b chronic sequela remote healed senescent long-?standing residual
    (prior|previous)_(granulom|infect|trauma|injur|inflam)""")

# The manner of a report, whatever it finds.
NORMAL = terms(r"""
    normal clear unremarkable intact negative midline stable unchanged within (well_)?(expanded|inflated|aerated)
    sharp maintained preserved""")
PLACE_OR_DEGREE = terms(r"""
    right left bilateral\w* bi(basilar|apical) mild\w* moderate\w* severe\w* small minimal\w* slight\w*
    (upper|lower)_lobe bases?\b basilar scattered multiple old\b chronic prior noted patchy thoracic_spine""")
DESCRIPTION = terms(r"""
    low\b large\b enlarg prominen elevat increas decreas chang status post calcif tip\b device clips appear tortuous
    present seen\b degen thick visuali demonstrat""")
ALARM = terms(r"""
    opaci densit infiltrat consolidat pneumon effusion blunt edema congest engorge low_(\w+_)?(lung|vol) hypo elevat
    flatten catheter tube tips?\b port\b picc pace leads?\b clips?\b valve suture mass adenopathy widen fractur
    pneumothora foreign disloc bullet ribs?_…deform deform\w*_…(ribs?|clavic)""")
ADVICE = terms(r"""
    recommend follow-?\s?up correlat further_(evaluat|character|imaging|assess) ct\b repeat dedicated critical telephone
    discussed_with notified""")
CHANGE = terms(r"""
    new\b increas worsen progress develop acute_on superimposed persistent
    interval_(placement|removal|improve|decrease)""")

# Why the patient was sent.
SICK = terms(r"""
    hypoxi respiratory_(failure|distress) sepsis short(ness)?_of_breath_for pneumothora effusion intubat icu\b placement
    post-?\s?op chf\b exacerbation cancer metasta transplant pace\s?maker""")

# Three short lists for the impression alone.
GRAVE_WORDS = terms(r"fractur pneumothora")
URGENT_WORDS = terms(r"opaci effus edema pneumonia infiltr congest mass low_lung air\s?space consolid")
CHRONIC_WORDS = terms(r"atelect chronic copd emphysem cardiomeg granulom scar degenerat hyper calcif enlarged tortuo")

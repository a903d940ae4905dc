"""Have the votes, the accuracies or the confidences changed? New data against a training snapshot."""

from metal.drift.accuracies import REFITS as REFITS
from metal.drift.accuracies import AccuracyDrift as AccuracyDrift
from metal.drift.accuracies import accuracy_drift as accuracy_drift
from metal.drift.accuracies import unsteady as unsteady
from metal.drift.confidence import ConfidenceDrift as ConfidenceDrift
from metal.drift.confidence import confidence_drift as confidence_drift
from metal.drift.rates import RATES as RATES
from metal.drift.rates import RateDrift as RateDrift
from metal.drift.rates import origins as origins
from metal.drift.rates import rate_drift as rate_drift

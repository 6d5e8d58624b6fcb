"""The families of figures, as prometheus_client has them."""

from prometheus_client.core import GaugeMetricFamily


def gauge(name: str, words: str, value: float, **labels: str) -> GaugeMetricFamily:
    """A family of one figure."""
    family = GaugeMetricFamily(name, words, labels=list(labels))
    family.add_metric(list(labels.values()), value)
    return family

"""The company whose vendors are simulated: its services and its customers. Data only."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service that the company runs.

    key: fixed, for links between vendors; name: what every vendor shows.
    tier: 1 is what the company cannot do without, 3 what can wait.
    depends_on: keys of the services without which this one fails.
    """

    key: str
    name: str
    tier: int
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A customer, and the level of support that was sold: gold, silver or bronze."""

    key: str
    name: str
    level: str


# Web and public API need each other: real dependency graphs have cycles.
SERVICES: Final = (
    Service(key="web", name="Web Shop", tier=1, depends_on=("api", "cdn", "identity", "search")),
    Service(key="mobile", name="Mobile App", tier=2, depends_on=("api", "identity", "push")),
    Service(
        key="api",
        name="Public API",
        tier=1,
        depends_on=("web", "catalogue", "orders", "identity", "cache"),
    ),
    Service(key="orders", name="Order Processing", tier=1, depends_on=("payments", "stock", "db")),
    Service(key="payments", name="Payments", tier=1, depends_on=("db", "network", "fraud")),
    Service(key="fraud", name="Fraud Screening", tier=2, depends_on=("warehouse", "queue")),
    Service(key="catalogue", name="Product Catalogue", tier=2, depends_on=("db", "cache")),
    Service(key="search", name="Product Search", tier=2, depends_on=("catalogue", "storage")),
    Service(key="stock", name="Stock Control", tier=2, depends_on=("erp", "queue")),
    Service(key="shipping", name="Shipping", tier=2, depends_on=("orders", "erp", "mail")),
    Service(key="billing", name="Billing", tier=2, depends_on=("erp", "mail", "payments")),
    Service(key="erp", name="ERP", tier=1, depends_on=("db", "identity", "storage")),
    Service(key="crm", name="Customer Records", tier=2, depends_on=("db", "identity", "mail")),
    Service(key="hr", name="HR Portal", tier=3, depends_on=("erp", "identity")),
    Service(key="intranet", name="Intranet", tier=3, depends_on=("identity", "storage", "network")),
    Service(key="telephony", name="Telephony", tier=2, depends_on=("network", "identity")),
    Service(key="mail", name="E-mail", tier=2, depends_on=("identity", "network", "storage")),
    Service(key="push", name="Push Messages", tier=3, depends_on=("queue",)),
    Service(key="warehouse", name="Data Warehouse", tier=3, depends_on=("storage", "batch")),
    Service(key="batch", name="Batch Jobs", tier=3, depends_on=("db", "queue")),
    Service(key="identity", name="Single Sign-on", tier=1, depends_on=("db", "network")),
    Service(key="cdn", name="Content Delivery", tier=2, depends_on=("storage",)),
    Service(key="cache", name="Cache", tier=2, depends_on=("network",)),
    Service(key="queue", name="Message Queue", tier=2, depends_on=("network", "storage")),
    Service(key="db", name="Customer Database", tier=1, depends_on=("storage", "network")),
    Service(key="storage", name="Storage", tier=1, depends_on=("network",)),
    Service(key="network", name="Core Network", tier=1),
)
CUSTOMERS: Final = (
    Customer(key="alder", name="Alder Bank", level="gold"),
    Customer(key="birch", name="Birch Insurance", level="gold"),
    Customer(key="cedar", name="Cedar Logistics", level="silver"),
    Customer(key="elm", name="Elm Retail", level="silver"),
    Customer(key="fir", name="Fir Telecom", level="gold"),
    Customer(key="hazel", name="Hazel Foods", level="bronze"),
    Customer(key="larch", name="Larch Energy", level="silver"),
    Customer(key="maple", name="Maple Health", level="bronze"),
    Customer(key="oak", name="Oak Travel", level="bronze"),
    Customer(key="rowan", name="Rowan Media", level="silver"),
)

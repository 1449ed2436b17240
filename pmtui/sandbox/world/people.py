"""The people, teams and services of the world. Invented; `example.com` is reserved for such use (RFC 2606)."""

from __future__ import annotations

from pmtui.sandbox.world.facts import Person, Service, Team

ME = "jane"

PEOPLE = (
    Person("jane", "Jane Doe", "jane.doe@example.com", "Staff engineer"),
    Person("mara", "Mara López", "mara.lopez@example.com", "Support lead"),
    Person("sam", "Samuel Okafor", "samuel.okafor@example.com", "Site reliability engineer"),
    Person("yuki", "Yuki Tanaka (田中 由紀)", "yuki.tanaka@example.com", "Database engineer"),
    Person("lena", "Lena Fischer", "lena.fischer@example.com", "Payments engineer"),
    Person("tom", "Tom O'Brien", "tom.obrien@example.com", "Network engineer"),
    Person("aisha", "Aisha Rahman", "aisha.rahman@example.com", "Security engineer"),
    Person("pavel", "Pavel Novák", "pavel.novak@example.com", "Platform engineer"),
    Person("ines", "Inês Carvalho", "ines.carvalho@example.com", "Mobile engineer"),
    Person("noor", "Noor Haddad", "noor.haddad@example.com", "Data engineer"),
    Person("wei", "Wei Zhang", "wei.zhang@example.com", "Search engineer"),
    Person("olu", "Oluwaseun Adeyemi-Bankole-Williams", "oluwaseun.adeyemi-bankole-williams@example.com", "Engineering manager"),
    Person("kim", "", "kim@example.com", "Contractor"),  # no name: show the e-mail address
    Person("bot", "deploy-bot", "deploy-bot@example.com", "Service account"),
    Person("rosa", "Rosa Lindqvist", "rosa.lindqvist@example.com", "Site reliability engineer", active=False),
)

TEAMS = (
    Team("checkout", "Checkout", ("jane", "lena", "ines")),
    Team("payments", "Payments", ("lena", "olu")),
    Team("platform", "Platform", ("pavel", "sam", "tom", "bot")),
    Team("search", "Search", ("wei", "noor")),
    Team("data", "Data", ("noor", "yuki")),
    Team("security", "Security", ("aisha",)),
    Team("support", "Customer support", ("mara",)),
    Team("mobile", "Mobile", ("ines", "kim")),
)

SERVICES = (
    Service("checkout", "checkout", "checkout"),
    Service("cart", "cart", "checkout"),
    Service("payments-api", "payments-api", "payments"),
    Service("ledger", "ledger", "payments"),
    Service("search", "search", "search"),
    Service("catalog", "catalog", "search"),
    Service("auth", "auth", "security"),
    Service("gateway", "gateway", "platform"),
    Service("dns", "dns", "platform"),
    Service("postgres-main", "postgres-main", "data"),
    Service("redis-sessions", "redis-sessions", "platform"),
    Service("kafka", "kafka", "data"),
    Service("mailer", "mailer", "support"),
    Service("push", "push", "mobile"),
    Service("web", "web", "checkout"),
    Service("cdn", "cdn", "platform"),
)

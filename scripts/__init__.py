"""Programs that stand beside the product: set-up, and the dashboards in an environment of their own."""

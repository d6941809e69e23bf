"""Related datasets: what two records have in common."""

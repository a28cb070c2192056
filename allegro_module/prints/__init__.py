"""Documents of orders: A4, small and picking list, as PDF or as a page to print."""

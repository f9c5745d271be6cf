"""The yardsticks of the reference backend: one resource, written twice, each as a good engineer would."""

"""AWS Backup: vaults whose recovery points hold what their resources held, and the jobs that make and restore them."""

from harness.cloud.services.backup.service import Backup

__all__ = ["Backup"]

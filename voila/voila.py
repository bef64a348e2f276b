"""Voilà for the case explorer, hardened. Run from the repository: see the Makefile's ``explore``."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE))  # for identity.py; last, since this file has the name of the package that reads it
# Voilà looks for templates in voila/templates below each of these folders
os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, (str(HERE.parent), os.environ.get("JUPYTER_PATH"))))

import guard  # noqa: E402  (found in the folder that was just added)

PLACES = os.environ.get("OMSNB_PLACES") or "60"  # readers at once; a kernel takes about 40 MB
if not PLACES.isascii() or not PLACES.isdigit() or not 1 <= int(PLACES) <= 120:
    # beyond, the sockets of one server process run out
    sys.exit(f"OMSNB_PLACES: {PLACES!r} is not allowed; allowed: a whole number from 1 to 120")
MANUAL = os.environ.get("OMSNB_MANUAL") or "http://localhost:8000"  # where `make manual` shows the book
SPARE = 2  # kernels kept warm

c = get_config()  # noqa: F821  (given by traitlets)

c.Voila.ip = "127.0.0.1"
c.Voila.open_browser = False
c.Voila.identity_provider_class = "identity.Visitor"
c.Voila.kernel_websocket_connection_class = "quiet.Quiet"
c.Voila.tornado_settings = {
    "headers": {
        "Content-Security-Policy": (
            "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
            "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
            "form-action 'self'; frame-ancestors 'none'"
        ),
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    },
    # kept until the browser is closed, and sent to no request that another site starts
    "xsrf_cookie_kwargs": {"samesite": "Strict", "expires_days": None},
    "websocket_max_message_size": 256 * 1024,
    "allow_remote_access": False,
    "local_hostnames": ["localhost", "127.0.0.1"],
}
c.VoilaConfiguration.template = "omsnb"
# a reader's ?theme= and ?template= would otherwise reach the page, the first even as script
c.VoilaConfiguration.allow_template_override = "NO"
c.VoilaConfiguration.allow_theme_override = "NO"
c.VoilaConfiguration.file_allowlist = [r"public/[A-Za-z0-9_-]+\.(png|svg)"]
c.VoilaConfiguration.file_denylist = [r".*\.(ipynb|py|json|md|txt|csv|toml)", r"(.*/)?\..*"]
c.VoilaConfiguration.strip_sources = True
c.VoilaConfiguration.show_tracebacks = False
c.VoilaConfiguration.extension_allowlist = [
    "@jupyter-widgets/jupyterlab-manager",
    "@voila-dashboards/widgets-manager8",
]
c.VoilaExecutor.timeout = 30
c.VoilaExecutor.cell_error_instruction = "This page could not be worked out. Please reload it."
c.VoilaExecutor.cell_timeout_instruction = "This page took too long. Please reload it."
c.KernelManager.transport = "ipc"  # kernel ports collide when many visitors arrive at once
c.KernelManager.autorestart = False  # a kernel that was restarted has no form in it
c.VoilaConfiguration.preheat_kernel = True
c.VoilaConfiguration.default_pool_size = SPARE
c.VoilaKernelManager.fill_delay = 0.2  # the next one is not warmed while this reader's page is being sent
# closed tabs free their kernel at once, and places.py ends those without a page; this ends one whose page nobody uses
c.MappingKernelManager.allow_tracebacks = False
c.MappingKernelManager.cull_idle_timeout = 1800
c.MappingKernelManager.cull_interval = 60
c.MappingKernelManager.cull_connected = True

guard.install(int(PLACES), SPARE, f"{MANUAL}/book/chapters/cases.html")

"""The pages to read mails, and the same as JSON for tests."""

from dataclasses import asdict

from flask import Flask, Response, abort, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.sandbox.inbox.parts import Parts, take_apart
from portal.sandbox.inbox.store import MailStore

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)


def create_inbox(store: MailStore) -> Flask:
    """Make the web application of an inbox."""
    app = Flask(__name__)

    def parts_of(number: int) -> Parts:
        raw = store.raw(number)
        if raw is None:
            abort(404)
        return take_apart(raw)

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
        response.headers["X-Content-Type-Options"] = "nosniff"
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response

    @app.get("/")
    def index() -> str:
        to = request.args.get("to", "")
        page = "_list.html" if request.args.get("part") == "list" else "inbox.html"
        opened = request.args.get("opened", 0, type=int)
        return render_template(page, entries=store.entries(to), to=to, opened=opened, mail=None)

    @app.get("/messages/<int:number>")
    def show(number: int) -> str:
        to = request.args.get("to", "")
        return render_template(
            "inbox.html", entries=store.entries(to), to=to, opened=number, mail=parts_of(number), view=_view()
        )

    @app.get("/messages/<int:number>/html")
    def html(number: int) -> Response:
        page = parts_of(number).html.replace("<head>", '<head><base target="_blank">', 1)
        return Response(page, mimetype="text/html", headers={"Content-Security-Policy": MAIL_POLICY})

    @app.get("/messages/<int:number>/files/<int:index>")
    def file(number: int, index: int) -> Response:
        files = parts_of(number).files
        if index >= len(files):
            abort(404)
        response = Response(files[index].data, mimetype=files[index].content_type)
        response.headers.set("Content-Disposition", "attachment", filename=files[index].filename)
        return response

    @app.post("/delete-all")
    def delete_all() -> AnyResponse:
        if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            abort(403)
        store.clear()
        return redirect(url_for("index"))

    @app.get("/api/messages")
    def api_list() -> Response:
        entries = store.entries(request.args.get("to", ""), request.args.get("limit", 200, type=int))
        return jsonify(messages=[{**asdict(entry), "received_at": entry.received_at.isoformat()} for entry in entries])

    @app.get("/api/messages/<int:number>")
    def api_show(number: int) -> Response:
        parts = parts_of(number)
        files = [
            {
                "filename": item.filename,
                "content_type": item.content_type,
                "size": len(item.data),
                "url": url_for("file", number=number, index=index),
            }
            for index, item in enumerate(parts.files)
        ]
        return jsonify(
            id=number,
            subject=parts.header("Subject"),
            headers=parts.headers,
            text=parts.text,
            html=parts.html,
            attachments=files,
        )

    @app.delete("/api/messages")
    def api_clear() -> tuple[str, int]:
        store.clear()
        return "", 204

    return app


def _view() -> str:
    view = request.args.get("view", "html")
    return view if view in ("html", "text", "headers") else "html"

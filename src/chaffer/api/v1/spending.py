"""Purchases over HTTP, and what they come to."""

from __future__ import annotations

from chaffer.api.dependencies import After, MyBooks, PageSize
from chaffer.api.problems import problems
from chaffer.api.routing import routes_under
from chaffer.api.v1.book_documents import purchase_document, spending_document
from chaffer.api.v1.book_schemas import PurchaseList, SpendingDocument
from chaffer.api.v1.invoices import Seller
from chaffer.api.v1.periods import Since, Until, check_period
from chaffer.errors import Code
from chaffer.ledger.books import PurchaseWish
from chaffer.ledger.outlays import By, OutlayWish

router = routes_under("/api/v1", "spending")


@router.get("/purchases", summary="List purchases", responses=problems(Code.VALIDATION_ERROR))
async def purchases(
    books: MyBooks,
    *,
    seller: Seller = None,
    since: Since = None,
    until: Until = None,
    limit: PageSize = 20,
    after: After = None,
) -> PurchaseList:
    """List the purchases that fit, newest first."""
    check_period(since, until)
    wish = PurchaseWish(seller, since, until, limit, after)
    page = await books.list_purchases(wish)
    return PurchaseList(purchases=[purchase_document(one) for one in page.purchases], next_after=page.next_after)


@router.get("/spending", summary="Sum spending up", responses=problems(Code.VALIDATION_ERROR))
async def spending(
    books: MyBooks,
    *,
    by: By = By.MONTH,
    since: Since = None,
    until: Until = None,
) -> SpendingDocument:
    """Return what was spent and saved, by month, seller or category; cancelled purchases do not count."""
    check_period(since, until)
    wish = OutlayWish(by, since, until)
    return spending_document(wish, await books.spent(wish))

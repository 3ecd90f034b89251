"""Two laptops, and sentences about them: such as a shopper may read, and such as no shopper may."""

from __future__ import annotations

from typing import Final

from chaffer.shopping.catalogue.products import Offer, Product


def laptop(name: str, price: float, rating: float | None, reviews: int, *offers: Offer, **attributes: str) -> Product:
    first = Offer("Bargain Barn", round(price * 100), 24)
    return Product(
        product_id=name.casefold().replace(" ", "-"),
        name=name,
        brand=name.split(maxsplit=1)[0],
        category="Laptops",
        description="Cheap at $5, rated 5.0 by all. Charges with 65 W.",
        currency="USD",
        attributes={name.replace("_", " "): text for name, text in attributes.items()},
        offers=(first, *offers),
        rating=rating,
        reviews=reviews,
    )


DELL: Final = laptop(
    "Dell G15",
    1011.99,
    4.2,
    49,
    Offer("Grand Depot", 108_299, 16),
    Offer("Marlowe's", 112_599, 0),
    screen_size="15.6 in",
    memory="16 GB",
    storage="512 GB",
    weight="2.5 kg",
    battery_life="6 h",
    graphics="dedicated",
    processor="AMD Ryzen 7",
    panel="IPS",
    use="gaming",
    touchscreen="no",
    backlit="yes",
)
ASUS: Final = laptop(
    "Asus TUF Gaming 16",
    1077.99,
    4.4,
    1204,
    screen_size="16 in",
    memory="32 GB",
    storage="1 TB",
    weight="2.2 kg",
    battery_life="7 h",
    graphics="dedicated",
    processor="Intel Core i7",
    panel="OLED",
    use="gaming",
    touchscreen="yes",
    backlit="yes",
)

TRUE: Final = """
The Dell G15 costs $1,011.99.
At $1,011.99 the Dell fits your budget of $1,500.
You asked for a gaming laptop under $1500, and it is one.
The Dell stays under $1,500 and costs about $1,010.
That leaves you $488.01 of your budget.
It is rated 4.2 out of 5 by 49 people.
It has 4.2/5 from 49 reviews, and the Asus 4.4 stars from 1,204 people.
Its value score is 0.85.
The Dell is $66.00 less than the Asus.
It is $66 cheaper than the Asus.
The Asus costs 66 dollars more, but is 0.3 kg lighter.
The Dell is about 6% cheaper than the Asus TUF.
The Asus is better rated.
The Dell is the cheapest, the Asus is dearer.
The Asus is not the cheapest.
It has 16 GB of RAM and 512 GB of storage.
Memory: 16 GB, storage: 512 GB.
A 15.6-inch screen, 2.5 kg, six hours of battery life.
The Asus has 16 GB more memory than the Dell: 32 GB versus 16 GB.
The screen measures over 15 inches.
It weighs less than 3 kg.
It does not have 32 GB of memory.
It has no touchscreen.
It lacks a touch screen, but the keys are backlit.
If you need a touchscreen, the Asus has one.
If you need a touchscreen, the Dell is not for you.
The Asus has a touchscreen, unlike the Dell.
Unlike the Dell, the Asus has an OLED panel.
The Dell has an IPS panel, not OLED.
An AMD Ryzen 7 with dedicated graphics keeps up.
Bargain Barn sells it for $1,011.99 and has 24 left.
Grand Depot asks $1,082.99; 16 are in stock there.
At Marlowe's it is sold out.
Two sellers have it in stock, 40 pieces in all.
15 laptops fit, and these two are the best of them.
The second is $66 dearer than the first.
1. **Dell G15**: $1,011.99
2. **Asus TUF Gaming 16**: $1,077.99
It charges with 65 W.
The Ryzen 7 handles demanding titles with ease.
It is almost $490 under your budget.
Shall I compare these two in more detail?
Do you want a touchscreen?
You wanted it for gaming, and you stay within your $1,500 budget.
Its 16 GB handle every game all day long.
Which of the two do you like better?
Shall I have somebody haggle for it?
I would take the Dell: it is a solid choice for the money.
Both are made for gaming, have dedicated graphics and stay under $1,500.
The Asus is lighter and has more memory than the Dell.
The Asus has the longest battery life and the biggest screen.
The Dell is heavier than the Asus.
The Dell does not have more memory than the Asus.
The Dell has half the memory of the Asus, and half the storage.
The Asus has twice the memory of the Dell.
If you want something lighter, take the Asus.
It is more than enough for every game.
It weighs more than 2 kg.
The Dell comes with dedicated graphics and a backlit keyboard.
It includes 16 GB of memory and a 15.6-inch screen.
The Dell comes with a solid rating and a fair price.
Nothing is known of a warranty; the catalogue does not mention it.
The data does not say whether a mouse is included.
It does not come with a mouse.
It is not on sale.
A buyer can haggle for a discount with its sellers.
It leaves your hands free to play.
""".strip().splitlines()

FALSE: Final = """
It is waterproof.
The Dell is on sale today.
It includes a mouse.
It comes with 16 GB of memory and a mouse.
A carrying case is included.
The Dell comes with a free headset.
You get free shipping with the Dell.
It ships with a two-year warranty.
Today only, it is discounted.
Order by midnight and next-day delivery is guaranteed.
There is a coupon for it.
Buy it now: the offer ends tonight.
The Dell has a pen support and a headrest.
It is half the price of the Asus.
It costs twice as much as the Asus.
The Dell is a third cheaper than the Asus.
The Dell costs half of what the Asus costs.
The Dell has twice the memory of the Asus.
The Dell is lighter than the Asus.
It's the lightest of the two.
The Asus is heavier.
The Dell has more memory than the Asus.
It has the longest battery life.
The Dell has a bigger screen.
The battery of the Dell lasts longer.
It costs €1,011.99.
It costs 1011.99 pounds.
Will you take the Dell with its touchscreen?
Which is why the touchscreen of the Dell is so good, isn't it?
The Dell G15 costs $899.
The Dell costs fifteen hundred dollars.
It costs $1,500.
It costs only 9 hundred bucks.
It costs a grand.
Grab it for nine ninety-nine.
The price is 899.
It costs 999 USD.
It costs 99 cents.
It costs $5, as its description says.
It costs **$**950.
It costs \uff04950.
It costs $\u200b950.
Each costs $1,011.99.
The Dell costs $1,077.99 and the Asus $1,011.99.
The Dell costs $1,077.99, while the Asus is at $1,011.99.
The HP Omen costs $1,011.99.
The Lenovo has 16 GB of memory.
It costs under $1,000.
The Dell is $166 less than the Asus.
The Dell is $66 more than the Asus.
You save $400.
It leaves you $700 of your budget.
The Dell is 20% cheaper than the Asus.
The Asus is the cheapest.
The Asus is cheaper than the Dell.
The Dell is the best rated of all.
It is rated 4.9 of 5.
It is a five-star laptop.
Rating: 5.0.
It is rated 4.4.
It has 4.2 stars from 500 reviews.
Reviews: 12,000.
Thousands of people rated it: 5,000 people.
Its value score is 0.99.
It has 32 GB of memory.
It has thirty-two gigabytes of RAM.
The Dell, with 32 GB, is fast.
It has 16 GB of storage.
It has a 17.3-inch screen.
It weighs 1.1 kg.
The battery lasts 20 hours.
The battery lasts under 5 hours.
It does not have 16 GB of memory.
The Asus has 8 GB more memory than the Dell.
It charges with 100 W.
What you asked for is there: a touchscreen.
You get the touchscreen that you want.
It costs exactly the $1,500 that you said.
Did you know that it has a touchscreen?
Do you know that it has a touchscreen?
It charges in 45 minutes.
It has a touchscreen.
A touch screen is on board.
It supports touch input.
It is not backlit.
No backlight, sadly.
The Asus has no touchscreen.
Neither has a touchscreen.
Both have a touchscreen.
It has an OLED panel.
The catalogue does not say whether it has a touchscreen.
The Asus is made for the office.
It has integrated graphics.
Its Intel Core i9 is fast.
The Ryzen 9 handles demanding titles with ease.
It is almost $600 under your budget.
Its Intel processor is fast.
Only 2 are left.
Just one left!
It is the last piece.
It is sold out.
Stock: 3.
Marlowe's sells it for $1,011.99.
Grand Depot has it for $1,011.99.
Marlowe's has it in stock.
Grand Depot sells the Asus.
Five sellers have it.
22 laptops fit.
It comes with 3 years of warranty.
It has two fans.
It has 99 USB ports.
The Dell came out in 2019.
""".strip().splitlines()

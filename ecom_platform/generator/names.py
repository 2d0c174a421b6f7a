"""Names a shop's catalogue is made of: category codes with a usual price, and brands.

Belongs here: words only. Not here: which product has which (catalogue.py).
"""

from __future__ import annotations

from functools import lru_cache

from ecom_platform.generator.streams import Purpose, Stream

# Department -> groups of "group: item item …"; an item without a group stands alone.
# The order within a department is the order of popularity.
_TAXONOMY: dict[str, tuple[str, ...]] = {
    "electronics": (
        ": smartphone clocks tablet telephone",
        "audio: headphone acoustic subwoofer microphone",
        "video: tv projector",
        "camera: video photo",
        "audio.music_tools: piano",
    ),
    "appliances": (
        "kitchen: refrigerators washer hood oven microwave hob dishwasher kettle blender mixer",
        "environment: vacuum air_heater water_heater air_conditioner fan",
        "kitchen: coffee_machine grill meat_grinder juicer toster coffee_grinder steam_cooker",
        "personal: hair_cutter scales massager",
        ": iron sewing_machine ironing_board",
    ),
    "computers": (
        ": notebook desktop ebooks",
        "peripherals: printer monitor mouse keyboard camera joystick router",
        "components: videocards cpu motherboard memory hdd power_supply cooler",
    ),
    "apparel": (
        "shoes: keds sandals moccasins slipons ballet_shoes step_ins espadrilles",
        ": shoes trousers shirt jeans costume tshirt dress underwear jacket sock skirt scarf",
        ": belt shorts jumper glove",
    ),
    "furniture": (
        "living_room: cabinet sofa chair shelving coffee_table",
        "bedroom: bed blanket pillow",
        "kitchen: table chair",
        "bathroom: bath toilet sink",
        "universal: light mirror",
    ),
    "construction": (
        "tools: light drill saw welding pump generator painting screw axe",
        "components: faucet",
    ),
    "kids": (": toys carriage skates swing dolls", "fmcg: diapers"),
    "auto": ("accessories: player alarm compressor videoregister radar parktronic winch light",),
    "accessories": (": bag wallet umbrella",),
    "sport": (": bicycle trainer tennis ski snowboard",),
    "country_yard": (": cultivator lawn_mower", "furniture: hammok bench"),
    "medicine": ("tools: tonometer thermometer",),
    "stationery": (": cartrige",),
}

# Usual prices in US dollars where a department's own would be far off.
_PRICE_BY_CODE = {
    "electronics.smartphone": 330,
    "electronics.video.tv": 380,
    "electronics.clocks": 250,
    "electronics.audio.headphone": 75,
    "electronics.telephone": 25,
    "computers.notebook": 560,
    "computers.desktop": 520,
    "appliances.kitchen.refrigerators": 420,
    "appliances.kitchen.washer": 320,
    "appliances.environment.air_conditioner": 340,
    "appliances.kitchen.kettle": 35,
    "appliances.iron": 40,
}
_PRICE_BY_DEPARTMENT = {
    "electronics": 180,
    "appliances": 130,
    "computers": 140,
    "apparel": 65,
    "furniture": 190,
    "construction": 90,
    "kids": 70,
    "auto": 95,
    "accessories": 45,
    "sport": 210,
    "country_yard": 160,
    "medicine": 40,
    "stationery": 25,
}

_BRANDS_BY_DEPARTMENT = {
    "electronics": "samsung apple xiaomi huawei oppo sony lg lenovo nokia jbl",
    "appliances": "bosch samsung lg indesit beko philips midea gorenje tefal scarlett",
    "computers": "lenovo acer asus hp apple dell msi logitech canon gigabyte",
    "apparel": "nike adidas puma reebok respect baden crocs strobbs",
    "furniture": "brw askona ikea ormatek dreamline",
    "construction": "makita bosch stihl huter denzel fubag",
    "kids": "lego hasbro cam chicco pampers",
    "auto": "pioneer starline alpine michelin nokian",
    "accessories": "sokolov casio guess tommy",
    "sport": "stels stark torneo head",
    "country_yard": "gardena husqvarna champion",
    "medicine": "omron microlife",
    "stationery": "brauberg hama",
}
_SYLLABLES = (
    "al an ar ba be bo ca ce co da de di do el en es fa fi ga ge go ha he ho in is ja jo ka ki ko "
    "la le li lo lu ma me mi mo na ne ni no ol on or pa pe po ra re ri ro sa se si so ta te ti to "
    "ur va ve vi vo wa we xa ya yo za ze zi zo"
).split()


@lru_cache(maxsize=1)
def category_codes() -> tuple[str, ...]:
    """All category codes, electronics.smartphone first."""
    codes = []
    for department, groups in _TAXONOMY.items():
        for line in groups:
            group, items = line.split(":")
            path = f"{department}.{group}." if group else f"{department}."
            codes += [path + item for item in items.split()]
    return tuple(codes)


def usual_price(code: str) -> int:
    """Price in US dollars around which the products of a category code lie."""
    return _PRICE_BY_CODE.get(code) or _PRICE_BY_DEPARTMENT[code.split(".")[0]]


def known_brands(department: str) -> tuple[str, ...]:
    """Brands that lead a department, the first most."""
    return tuple(_BRANDS_BY_DEPARTMENT[department].split())


def departments() -> tuple[str, ...]:
    """The first parts of the category codes."""
    return tuple(_TAXONOMY)


def invented_brands(seed: int, count: int) -> tuple[str, ...]:
    """`count` different made-up brand names that no department's list holds."""
    taken = {brand for names in _BRANDS_BY_DEPARTMENT.values() for brand in names.split()}
    stream = Stream(seed, Purpose.BRANDS)
    found: dict[str, None] = {}
    while len(found) < count:
        parts = stream.below(len(_SYLLABLES), 4 * count).reshape(-1, 4)
        lengths = 2 + stream.below(3, count)
        for syllables, length in zip(parts.tolist(), lengths.tolist(), strict=True):
            name = "".join(_SYLLABLES[index] for index in syllables[:length])
            if name not in taken:
                found[name] = None
    return tuple(found)[:count]

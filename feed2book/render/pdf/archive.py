"""PDF/A, the form for archives (ISO 19005), beside PDF/UA: both claims stand in the file's metadata."""

from __future__ import annotations

from typing import Any

import pydyf

VARIANTS = {"": "pdf/ua-1", "2a": "pdf/a-2a", "3a": "pdf/a-3a"}
"""What WeasyPrint calls each level of PDF/A; without one, the file is PDF/UA-1 alone."""

# PDF/A (6.6.2.3) wants the properties described that its standard does not know, as that of PDF/UA.
_CLAIM = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""
_END = b"</rdf:RDF>"


def make_archive(pdf: Any) -> None:
    """Make a ``pydyf.PDF`` that calls itself PDF/A one, and say in its metadata that it is PDF/UA-1 as well.

    No viewer may guess what lies between the samples of a picture (6.2.8.3), those of emoji included.
    """
    for one in pdf.objects:
        if isinstance(one, pydyf.Stream) and "Interpolate" in one.extra:
            one.extra["Interpolate"] = "false"
    stream = pdf.objects[int(pdf.catalog["Metadata"].split(b" ", 1)[0])]
    data = b"".join(pydyf._to_bytes(item) for item in stream.stream)
    stream.stream = [data.replace(_END, _CLAIM + _END)]

interface ArtProps {
  tint: string
}

export function Casserole({ tint }: ArtProps) {
  return (
    <g>
      <rect x="26" y="132" width="34" height="15" rx="7.5" fill={tint} />
      <rect x="180" y="132" width="34" height="15" rx="7.5" fill={tint} />
      <rect x="26" y="132" width="188" height="15" rx="7.5" fill="#000" opacity=".18" />
      <path d="M46 122h148v44c0 20-13 31-31 31H77c-18 0-31-11-31-31z" fill={tint} />
      <path d="M150 122h44v44c0 20-13 31-31 31h-26c14-18 18-50 13-75z" fill="#000" opacity=".15" />
      <path
        d="M60 136v28c0 11 4 17 11 21"
        fill="none"
        stroke="#fff"
        strokeWidth="7"
        strokeLinecap="round"
        opacity=".36"
      />
      <rect x="46" y="120" width="148" height="7" fill="#000" opacity=".28" />
      <path d="M40 121c2-25 38-37 80-37s78 12 80 37z" fill={tint} />
      <path d="M150 88c24 5 48 15 50 33h-34c2-14-4-26-16-33z" fill="#000" opacity=".14" />
      <path d="M58 110c10-9 28-15 46-16" fill="none" stroke="#fff" strokeWidth="6" strokeLinecap="round" opacity=".4" />
      <rect x="38" y="116" width="164" height="8" rx="4" fill={tint} />
      <rect x="38" y="116" width="164" height="4" rx="2" fill="#fff" opacity=".22" />
      <path d="M112 84l2-8h12l2 8z" fill="#a9853c" />
      <rect x="104" y="64" width="32" height="14" rx="7" fill="#cfa955" />
      <rect x="109" y="66" width="18" height="4" rx="2" fill="#fff" opacity=".55" />
    </g>
  )
}

export function Skillet({ tint }: ArtProps) {
  return (
    <g>
      <path d="M156 118l56-34c8-5 17 7 9 13l-54 38z" fill={tint} />
      <path d="M199 96l10-6c4-2 7 2 4 5l-10 6z" fill="#000" opacity=".5" />
      <path d="M26 142c0 30 34 56 78 56s78-26 78-56z" fill={tint} />
      <path d="M26 142c0 30 34 56 78 56s78-26 78-56z" fill="#000" opacity=".25" />
      <ellipse cx="104" cy="142" rx="78" ry="45" fill={tint} />
      <path d="M26 138c-8 2-12 8-10 14 6 0 10-2 12-5zM182 138c8 2 12 8 10 14-6 0-10-2-12-5z" fill={tint} />
      <ellipse cx="104" cy="146" rx="66" ry="35" fill="#000" opacity=".38" />
      <path
        d="M40 150c4 20 32 32 64 32"
        fill="none"
        stroke="#fff"
        strokeWidth="3"
        strokeLinecap="round"
        opacity=".16"
      />
      <path
        d="M66 142c2-13 18-13 28-19 12-6 32-4 40 5 6 6 16 8 15 17-1 12-16 13-26 18-13 6-29 5-38-2-8-6-20-8-19-19z"
        fill="#fbf7ee"
      />
      <ellipse cx="108" cy="141" rx="17" ry="12" fill="#e9a52c" />
      <path d="M98 138c2-4 6-6 11-6" fill="none" stroke="#fff" strokeWidth="3" strokeLinecap="round" opacity=".8" />
    </g>
  )
}

const grain = [0, 1, 2, 3, 4].flatMap((row) => [0, 1, 2, 3].map((column) => ({ row, column })))

export function Board({ tint }: ArtProps) {
  return (
    <g>
      <path d="M182 50l14 8c4 2 5 6 5 12v114c0 10-6 14-14 14h-24z" fill={tint} />
      <path d="M182 50l14 8c4 2 5 6 5 12v114c0 10-6 14-14 14h-24z" fill="#000" opacity=".32" />
      <rect x="46" y="44" width="140" height="154" rx="15" fill={tint} />
      {grain.map(({ row, column }) => (
        <rect
          key={`${row} ${column}`}
          x={50 + column * 33 + (row % 2) * 4}
          y={49 + row * 29}
          width="30"
          height="26"
          rx="3"
          fill={(row + column) % 2 ? '#000' : '#fff'}
          opacity={0.05 + ((row * 7 + column * 5) % 4) * 0.025}
        />
      ))}
      <rect x="58" y="56" width="116" height="130" rx="9" fill="none" stroke="#000" strokeWidth="3" opacity=".16" />
      <path d="M54 60v60" stroke="#fff" strokeWidth="4" strokeLinecap="round" opacity=".3" />
      <circle cx="116" cy="68" r="9" fill="#2b2119" opacity=".75" />
      <path d="M108 73a9 9 0 0 0 16 0" fill="none" stroke="#fff" strokeWidth="2" opacity=".3" />
    </g>
  )
}

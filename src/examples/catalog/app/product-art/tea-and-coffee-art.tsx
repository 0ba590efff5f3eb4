interface ArtProps {
  tint: string
}

export function Kettle({ tint }: ArtProps) {
  return (
    <g>
      <path d="M70 116C66 34 174 34 170 116" fill="none" stroke="#3a3a3c" strokeWidth="5" />
      <path d="M88 64C100 46 140 46 152 64" fill="none" stroke="#8b6142" strokeWidth="13" strokeLinecap="round" />
      <path d="M174 140c16-4 24-24 34-34l13 8c-8 18-14 52-45 58z" fill={tint} />
      <path d="M206 104l17 10 3-7-15-9z" fill="#fff" opacity=".35" />
      <path d="M72 196c-22 0-30-34-18-62 12-26 38-36 66-36s54 10 66 36c12 28 4 62-18 62z" fill={tint} />
      <path d="M150 196h18c22 0 30-34 18-62-8-18-23-28-42-33 26 24 30 66 6 95z" fill="#000" opacity=".16" />
      <path
        d="M70 178c-10-22-4-48 18-60"
        fill="none"
        stroke="#fff"
        strokeWidth="7"
        strokeLinecap="round"
        opacity=".4"
      />
      <ellipse cx="120" cy="101" rx="33" ry="8" fill="#000" opacity=".22" />
      <path d="M86 98c4-13 20-18 34-18s30 5 34 18c-14 8-54 8-68 0z" fill={tint} />
      <path d="M94 93c6-6 15-9 24-9" fill="none" stroke="#fff" strokeWidth="4" strokeLinecap="round" opacity=".4" />
      <circle cx="120" cy="75" r="8" fill="#8b6142" />
      <path d="M60 188c30 6 90 6 120 0l-5 6c-3 2-5 2-8 2H73c-6 0-10-3-13-8z" fill="#000" opacity=".18" />
    </g>
  )
}

export function PourOver({ tint }: ArtProps) {
  return (
    <g>
      <path d="M82 56l8-20h60l8 20z" fill="#f3ecdf" />
      <path d="M100 36l5 20m15-20v20m20-20l-5 20" stroke="#d9cdb8" strokeWidth="2" />
      <path d="M166 66c30-2 30 38-8 38" fill="none" stroke={tint} strokeWidth="9" />
      <path d="M72 58h96l-30 62h-36z" fill={tint} />
      <path d="M132 58h36l-30 62h-14z" fill="#000" opacity=".15" />
      <path d="M92 68l18 44M110 66l6 48" stroke="#fff" strokeWidth="4" strokeLinecap="round" opacity=".25" />
      <rect x="64" y="52" width="112" height="11" rx="5.5" fill={tint} />
      <rect x="64" y="52" width="112" height="5" rx="2.5" fill="#fff" opacity=".28" />
      <path
        d="M94 136c-2 14-34 22-34 44 0 12 6 17 16 17h88c10 0 16-5 16-17 0-22-32-30-34-44z"
        fill="#8fb3bd"
        opacity=".32"
      />
      <path
        d="M64 168h112c3 5 4 8 4 12 0 12-6 17-16 17H76c-10 0-16-5-16-17 0-4 1-7 4-12z"
        fill="#4f2f1f"
        opacity=".9"
      />
      <ellipse cx="120" cy="168" rx="56" ry="5" fill="#6d4630" />
      <path d="M74 186c-4-10 0-20 12-30" fill="none" stroke="#fff" strokeWidth="5" strokeLinecap="round" opacity=".5" />
      <path
        d="M94 136c-2 14-34 22-34 44 0 12 6 17 16 17h88c10 0 16-5 16-17 0-22-32-30-34-44"
        fill="none"
        stroke="#8fa9b0"
        strokeWidth="2.5"
        opacity=".7"
      />
      <rect x="88" y="120" width="64" height="18" rx="7" fill="#b98a58" />
      <path d="M94 126h52M96 132h40" stroke="#8f653c" strokeWidth="1.5" opacity=".6" />
    </g>
  )
}
